#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* Holds most snapshots. */
#define FIRST_BYTES (32u << 10)

static bool text_reserve(Text *text, size_t more) {
  if (text->failed) return false;
  if (text->capacity - text->length >= more) return true;
  size_t wanted = text->capacity ? text->capacity : FIRST_BYTES;
  while (wanted - text->length < more) wanted *= 2;
  char *bytes = realloc(text->bytes, wanted);
  if (!bytes) {
    text->failed = true;
    return false;
  }
  text->bytes = bytes;
  text->capacity = wanted;
  return true;
}

void text_add_bytes(Text *text, const char *bytes, size_t length) {
  if (!length || !text_reserve(text, length)) return;
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

void text_add(Text *text, const char *string) { text_add_bytes(text, string, strlen(string)); }

void text_addf(Text *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length < 0 || !text_reserve(text, (size_t)length + 1)) return;
  va_start(args, format);
  vsnprintf(text->bytes + text->length, (size_t)length + 1, format, args);
  va_end(args);
  text->length += (size_t)length;
}

/* What a terminal or a log viewer acts upon instead of showing: C0, DEL, C1, line separators, invisible and bidirectional marks. */
static bool acts_on_display(uint32_t codepoint) {
  return codepoint < 0x20 || (codepoint >= 0x7f && codepoint <= 0x9f) || codepoint == 0xad || codepoint == 0x61c ||
         (codepoint >= 0x200b && codepoint <= 0x200f) || (codepoint >= 0x2028 && codepoint <= 0x202e) ||
         (codepoint >= 0x2060 && codepoint <= 0x206f) || codepoint == 0xfeff || (codepoint >= 0xe0000 && codepoint <= 0xe007f);
}

static void add_escaped(Text *text, uint32_t codepoint, TextQuoting quoting) {
  if (quoting == TEXT_FOR_TERMINAL && codepoint < 0x80)
    text_addf(text, "\\x%02x", (unsigned)codepoint);
  else if (codepoint < 0x10000)
    text_addf(text, "\\u%04x", (unsigned)codepoint);
  else if (quoting == TEXT_FOR_TERMINAL)
    text_addf(text, "\\U%08x", (unsigned)codepoint);
  else
    text_addf(text, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((codepoint - 0x10000) >> 10)),
              (unsigned)(0xdc00 + ((codepoint - 0x10000) & 0x3ff)));
}

void text_add_quoted(Text *text, const char *foreign, size_t limit, TextQuoting quoting) {
  size_t end = strnlen(foreign, limit);
  for (size_t at = 0; at < end;) {
    uint32_t codepoint;
    size_t width = utf8_decode(foreign + at, end - at, &codepoint);
    if (width == 0) {
      if (quoting == TEXT_FOR_JSON)
        text_add(text, "\xef\xbf\xbd");
      else
        text_addf(text, "\\x%02x", (unsigned)(unsigned char)foreign[at]);
      width = 1;
    } else if (acts_on_display(codepoint)) {
      add_escaped(text, codepoint, quoting);
    } else if (codepoint == '\\' || (quoting == TEXT_FOR_JSON && codepoint == '"')) {
      text_addf(text, "\\%c", (char)codepoint);
    } else {
      text_add_bytes(text, foreign + at, width);
    }
    at += width;
  }
}

void text_clear(Text *text) {
  text->length = 0;
  text->failed = false;
}

void text_free(Text *text) {
  free(text->bytes);
  *text = (Text){0};
}
