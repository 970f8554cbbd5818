/* What the tests hold for UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), written apart from the
 * library's own so that one can prove the other wrong. */
#ifndef TESTS_UTF8_H
#define TESTS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at text (which ends in NUL), 0 when there is none. */
size_t utf8_character_bytes(const char *text);

bool utf8_is_valid(const char *text);

/* A NUL within `bytes`, and whole well-formed characters before it. */
bool utf8_text_fits(const char *text, size_t bytes);

/* Bytes of the longest run of whole characters at the start of a valid text that is at most `limit` bytes long. */
size_t utf8_cut(const char *text, size_t limit);

#endif
