/* The command line. */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "text.h"

typedef struct Options {
  Plan plan;
  bool json, text;
  uint64_t interval_ns; /* 0: only the final snapshot */
  uint64_t hold_ns;     /* how long the process stays after it */
} Options;

typedef enum OptionsResult {
  OPTIONS_RUN,
  OPTIONS_HELP,    /* print options_help and be done */
  OPTIONS_VERSION,
  OPTIONS_WRONG    /* said why on standard error */
} OptionsResult;

OptionsResult options_parse(int argc, char **argv, Options *out);

/* Adds the text of --help. */
void options_help(Text *out);

#endif
