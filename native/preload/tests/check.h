/* What the test programs share. They know nothing of the library: they are run with and without it. */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without stdio: it may be closed, or what is being tested. */
#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      static const char text[] = __FILE__ ": not true: " #condition "\n";            \
      ssize_t written = write(2, text, sizeof text - 1);                             \
      (void)written;                                                                 \
      _exit(1);                                                                      \
    }                                                                                \
  } while (0)

/* Keeps the compiler from knowing what is allocated and from leaving it out. */
static inline void *hidden(void *p) {
  __asm__ volatile("" : "+r"(p) : : "memory");
  return p;
}
#define MALLOC(size) hidden(malloc(size))

/* A byte that says whose memory this is. */
static inline void fill(void *p, size_t size, unsigned char mark) {
  if (size) memset(p, mark, size);
}
static inline int holds(const void *p, size_t size, unsigned char mark) {
  for (size_t i = 0; i < size; i++)
    if (((const unsigned char *)p)[i] != mark) return 0;
  return 1;
}

#endif
