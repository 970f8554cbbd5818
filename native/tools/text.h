/* Growing text: a snapshot is composed in memory and leaves in one piece, so a reader never sees half of it by our doing. */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Text {
  char *bytes;
  size_t length;
  size_t capacity;
  bool failed; /* memory ran out: the content is not to be used */
} Text;

void text_add_bytes(Text *text, const char *bytes, size_t length);
void text_add(Text *text, const char *string);
void text_addf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef enum TextQuoting {
  TEXT_FOR_TERMINAL, /* what is unsafe as \x1b, \u202e, bytes that are not UTF-8 as \xff */
  TEXT_FOR_JSON      /* inside a JSON string: unsafe as \u001b, bytes that are not UTF-8 as U+FFFD */
} TextQuoting;

/* Adds foreign text of at most limit bytes (ends at a NUL) such that no control or bidirectional formatting character
 * reaches the output raw. */
void text_add_quoted(Text *text, const char *foreign, size_t limit, TextQuoting quoting);

/* Empties it and keeps the memory; and gives the memory back. */
void text_clear(Text *text);
void text_free(Text *text);

#endif
