/* What a list is to hold: the flags, understood. */
#ifndef TOOLS_LISTING_H
#define TOOLS_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ONLY_MOST 256

/* Those that fit any of it; all, where there is nothing of it. */
typedef struct Only {
  size_t pid_count, name_count;
  uint32_t pids[ONLY_MOST];      /* as seen from here */
  const char *names[ONLY_MOST];  /* of an instance, or the command of its process */
} Only;

typedef struct Listing {
  Only only;
  bool live;          /* what has ended is left out */
  bool prune;         /* removes what this user's processes left that have ended; each such object says "pruned": true */
  uint64_t snapshots; /* so many live instances, the oldest, have their whole snapshot in "snapshot", as of the same instant as the rest of the object */
  bool on_request;    /* the list anew for each line on standard input, each time with an empty line behind it, until standard input ends */
} Listing;

#endif
