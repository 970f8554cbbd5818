/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef TOOLS_UTF8_H
#define TOOLS_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the first character of length bytes; returns its width 1 … 4, or 0 when they do not begin with a valid one. */
static inline size_t utf8_decode(const char *bytes, size_t length, uint32_t *codepoint) {
  static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *in = (const unsigned char *)bytes;
  if (length == 0) return 0;
  if (in[0] < 0x80) {
    *codepoint = in[0];
    return 1;
  }
  size_t width = in[0] >= 0xf0 && in[0] <= 0xf4 ? 4 : in[0] >= 0xe0 && in[0] <= 0xef ? 3 : in[0] >= 0xc2 && in[0] <= 0xdf ? 2 : 0;
  if (width == 0 || width > length) return 0;
  uint32_t value = in[0] & (0x7fu >> width);
  for (size_t i = 1; i < width; i++) {
    if ((in[i] & 0xc0) != 0x80) return 0;
    value = value << 6 | (in[i] & 0x3f);
  }
  if (value < smallest[width] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
  *codepoint = value;
  return width;
}

#endif
