/* Whose counters are asked for: the flags, understood. */
#ifndef TOOLS_TARGET_H
#define TOOLS_TARGET_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Target {
  const char *file;  /* a counter file; or */
  uint32_t pid;      /* a process as seen from here; or */
  const char *name;  /* the name of an instance, or the command of its process */
  uint64_t instance; /* 0: the only one */
  bool post_mortem;  /* what a process left that has ended, and nothing of a live one */
} Target;

#endif
