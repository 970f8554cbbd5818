#include "utf8.h"

#include <stdint.h>
#include <string.h>

size_t utf8_character_bytes(const char *text) {
  const unsigned char *b = (const unsigned char *)text;
  if (b[0] == 0) return 0;
  if (b[0] < 0x80) return 1;
  size_t bytes = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : b[0] >= 0xc0 ? 2 : 0;
  if (bytes == 0 || b[0] >= 0xf8) return 0;
  uint32_t code = b[0] & (0xffu >> (bytes + 1));
  for (size_t i = 1; i < bytes; i++) {
    if ((b[i] & 0xc0) != 0x80) return 0;
    code = code << 6 | (b[i] & 0x3f);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
  return bytes;
}

bool utf8_is_valid(const char *text) {
  while (*text) {
    size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text += bytes;
  }
  return true;
}

bool utf8_text_fits(const char *text, size_t bytes) { return memchr(text, 0, bytes) != NULL && utf8_is_valid(text); }

size_t utf8_cut(const char *text, size_t limit) {
  size_t kept = 0;
  while (text[kept] && kept + utf8_character_bytes(text + kept) <= limit) kept += utf8_character_bytes(text + kept);
  return kept;
}
