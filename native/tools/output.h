/* Standard output and standard error: whole pieces, or an honest failure. */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include <stdbool.h>

#include "text.h"

typedef enum OutputResult {
  OUTPUT_OK,
  OUTPUT_GONE,  /* the reader has left (EPIPE): nothing more to do, and no reason to complain */
  OUTPUT_FAILED /* not written, and said so on standard error */
} OutputResult;

/* Opens descriptors 0, 1 and 2 on /dev/null where the caller closed them, so that no file opened later takes their place.
 * False when that is impossible. */
bool output_secure(void);

/* Writes all of text to standard output and empties it. */
OutputResult output_write(Text *text);

/* Closes standard output; a full disk may show only here. */
OutputResult output_finish(void);

/* Writes all of text to standard error and empties it. A failure there cannot be told to anybody. */
void output_note(Text *text);

/* Prints "stats_dump: " and the message on standard error, with what a terminal would act upon made visible. */
void output_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
