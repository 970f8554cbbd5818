#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "clock.h"

#define PATIENCE_NS (1 * NS_PER_SEC)

static atomic_bool requested;
static _Atomic uint64_t first_signal_ns;
static int wake_pipe[2] = {-1, -1};

bool interrupt_requested(void) { return atomic_load_explicit(&requested, memory_order_relaxed); }

void interrupt_request(void) { atomic_store_explicit(&requested, true, memory_order_relaxed); }

void interrupt_wake(void) {
  int saved = errno;
  /* A full pipe wakes just as well. */
  ssize_t ignored = write(wake_pipe[1], "", 1);
  (void)ignored;
  errno = saved;
}

/* One Ctrl-C may arrive twice, from the terminal and from a parent that passes it on. Somebody who asks again later means it. */
static void on_signal(int number) {
  uint64_t now_ns = clock_monotonic_ns(), none = 0;
  if (!atomic_compare_exchange_strong_explicit(&first_signal_ns, &none, now_ns, memory_order_relaxed, memory_order_relaxed) &&
      now_ns - none > PATIENCE_NS) {
    signal(number, SIG_DFL);
    raise(number);
  }
  interrupt_request();
  interrupt_wake();
}

static bool handle(int number, void (*handler)(int)) {
  struct sigaction action = {0};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0;
}

bool interrupt_install(void) {
  if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  struct sigaction inherited;
  /* A shell starts background jobs with SIGINT ignored: Ctrl-C for others is none for us. */
  bool keeps_int = sigaction(SIGINT, NULL, &inherited) == 0 && inherited.sa_handler == SIG_IGN;
  return (keeps_int || handle(SIGINT, on_signal)) && handle(SIGTERM, on_signal) && handle(SIGPIPE, SIG_IGN);
}

bool interrupt_wait_for(int fd, uint64_t deadline_ns) {
  struct pollfd ready[] = {{.fd = wake_pipe[0], .events = POLLIN}, {.fd = fd, .events = POLLIN}};
  uint64_t now = clock_monotonic_ns();
  if (deadline_ns != FOREVER_NS && now >= deadline_ns) return false;
  uint64_t left_ns = deadline_ns - now;
  struct timespec timeout = {.tv_sec = (time_t)(left_ns / NS_PER_SEC), .tv_nsec = (long)(left_ns % NS_PER_SEC)};
  if (ppoll(ready, 2, deadline_ns == FOREVER_NS ? NULL : &timeout, NULL) <= 0) return false;
  char drained[64];
  while (read(wake_pipe[0], drained, sizeof drained) > 0) continue;
  return ready[1].revents != 0;
}

void interrupt_wait(uint64_t deadline_ns) { interrupt_wait_for(-1, deadline_ns); }
