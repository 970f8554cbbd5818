#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* All of a file of /proc, whose size nobody says. */
static char *read_all(const char *path, size_t *length) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *bytes = NULL;
  size_t room = 0;
  ssize_t n = 1;
  for (*length = 0; n > 0; *length += (size_t)n) {
    if (room - *length < 2) {
      room = room ? room * 2 : 4096;
      char *larger = realloc(bytes, room);
      if (!larger) {
        n = -1;
        break;
      }
      bytes = larger;
    }
    n = read(fd, bytes + *length, room - *length - 1);
    if (n < 0) break;
  }
  close(fd);
  if (n == 0) return bytes;
  free(bytes);
  return NULL;
}

char **words_of_command_line(int32_t count) {
  size_t length, all = 0;
  char *line = read_all("/proc/self/cmdline", &length);
  char **words = line && count > 0 ? calloc((size_t)count + 1, sizeof *words) : NULL;
  if (!words) return NULL;
  for (size_t i = 0; i < length; i++) all += line[i] == 0;
  if (all < (size_t)count) {
    errno = EINVAL;
    return NULL;
  }
  char *at = line;
  for (size_t i = 0; i < all; i++, at += strlen(at) + 1)
    if (i >= all - (size_t)count) words[i - (all - (size_t)count)] = at;
  return words;
}

static bool same_name(const char *a, const char *b) {
  size_t length = strcspn(a, "=");
  return strncmp(a, b, length) == 0 && b[length] == '=';
}

static bool is_replaced(const char *entry, const LaunchPlan *plan, const char *extra) {
  for (char **variable = plan->variables; *variable; variable++)
    if (same_name(*variable, entry)) return true;
  return (extra && same_name(extra, entry)) || same_name("LD_PRELOAD=", entry);
}

/* Ours first: of two allocators, the first one is asked, and hands on what it does not take. */
static char *preload_entry(const char *library) {
  const char *others = getenv("LD_PRELOAD");
  char *entry = NULL;
  int n = others && others[0] ? asprintf(&entry, "LD_PRELOAD=%s:%s", library, others) : asprintf(&entry, "LD_PRELOAD=%s", library);
  return n < 0 ? NULL : entry;
}

char **words_of_environment(const LaunchPlan *plan, char *extra) {
  size_t count = 3;
  for (char **entry = environ; *entry; entry++) count++;
  for (char **entry = plan->variables; *entry; entry++) count++;
  char **words = calloc(count, sizeof *words);
  char *preload = words ? preload_entry(plan->library) : NULL;
  if (!preload) return NULL;
  size_t n = 0;
  words[n++] = preload;
  for (char **entry = plan->variables; *entry; entry++) words[n++] = *entry;
  if (extra) words[n++] = extra;
  for (char **entry = environ; *entry; entry++)
    if (!is_replaced(*entry, plan, extra)) words[n++] = *entry;
  return words;
}
