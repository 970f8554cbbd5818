/* The flags: what each is called, takes, means, and how its value is read. The parser and the help both go by this table. */
#ifndef TOOLS_FLAGS_H
#define TOOLS_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/* What a flag is about. One command line is about one of the first three. */
typedef enum Subject { OF_WORKLOAD, OF_PROCESS, OF_LIST, OF_OUTPUT, OF_PROCESS_STREAM, SUBJECTS } Subject;

/* What the command line said, before the workload's defaults fill the gaps. */
typedef struct Draft {
  Options options;
  const char *given[SUBJECTS]; /* the last flag about each subject */
  bool ops_given, duration_given, text_given;
} Draft;

typedef struct Flag {
  Subject subject;
  const char *name;     /* without the dashes */
  const char *value;    /* what help calls its value; NULL: it takes none */
  const char *expected; /* ends the sentence "expected …" */
  const char *help;
  bool (*read)(const char *text, Draft *draft); /* false: the value is not as expected */
} Flag;

extern const Flag flags[];
extern const size_t flag_count;

/* A workload may be named without its flag. */
bool flag_read_workload(const char *text, Draft *draft);

#endif
