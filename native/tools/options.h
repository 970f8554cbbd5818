/* The command line. */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "listing.h"
#include "plan.h"
#include "target.h"
#include "text.h"

typedef struct Options {
  Plan plan;            /* of OPTIONS_RUN */
  Target target;        /* of OPTIONS_ATTACH */
  Listing listing;      /* of OPTIONS_LIST */
  bool json, text;
  uint64_t interval_ns; /* 0: only the final snapshot */
  uint64_t count;       /* end after so many; 0: when the source ends */
  uint64_t hold_ns;     /* how long the process stays after it */
} Options;

typedef enum OptionsResult {
  OPTIONS_RUN,     /* a workload of our own */
  OPTIONS_ATTACH,  /* another process */
  OPTIONS_LIST,    /* all other processes */
  OPTIONS_HELP,    /* print options_help and be done */
  OPTIONS_VERSION,
  OPTIONS_WRONG    /* said why on standard error */
} OptionsResult;

OptionsResult options_parse(int argc, char **argv, Options *out);

/* Adds the text of --help. */
void options_help(Text *out);

#endif
