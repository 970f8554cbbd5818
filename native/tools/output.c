#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"

/* What a pipe that reports room takes without blocking. */
#define PIECE_BYTES 4096
#define LOOK_MS 100
#define STALL_MS 2000

bool output_secure(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    /* open gives the lowest free number, and all below are taken. */
    if (open("/dev/null", O_RDWR) != fd) return false;
  }
  return true;
}

/* Waits until fd accepts a piece. False, errno ETIMEDOUT, when the run was interrupted and a reader who neither reads nor
 * leaves would keep the process for ever. */
static bool await_room(int fd) {
  for (int stalled_ms = 0; stalled_ms < STALL_MS;) {
    if (poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, LOOK_MS) > 0) return true;
    stalled_ms = interrupt_requested() ? stalled_ms + LOOK_MS : 0;
  }
  errno = ETIMEDOUT;
  return false;
}

/* Writes everything; errno tells why not. */
static bool write_all(int fd, const char *bytes, size_t length) {
  while (length) {
    if (!await_room(fd)) return false;
    ssize_t written = write(fd, bytes, length < PIECE_BYTES ? length : PIECE_BYTES);
    if (written >= 0) {
      bytes += written;
      length -= (size_t)written;
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

static OutputResult failure(void) {
  if (errno == EPIPE) return OUTPUT_GONE;
  output_complain("cannot write to standard output: %s", strerror(errno));
  return OUTPUT_FAILED;
}

OutputResult output_write(Text *text) {
  bool complete = !text->failed;
  bool written = complete && write_all(STDOUT_FILENO, text->bytes, text->length);
  text_clear(text);
  if (!complete) errno = ENOMEM;
  return written ? OUTPUT_OK : failure();
}

OutputResult output_finish(void) { return close(STDOUT_FILENO) == 0 || errno == EINTR ? OUTPUT_OK : failure(); }

void output_note(Text *text) {
  if (!text->failed) write_all(STDERR_FILENO, text->bytes, text->length);
  text_clear(text);
}

void output_complain(const char *format, ...) {
  char message[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  Text text = {0};
  text_add(&text, "stats_dump: ");
  text_add_quoted(&text, message, sizeof message, TEXT_FOR_TERMINAL);
  text_add(&text, "\n");
  output_note(&text);
  text_free(&text);
}
