/* Every byte of an object repeats its stamp, a number no other object of the run has: two owners of one byte, a page given
 * back under a live object, or a write past an end show when the object is verified. */
#ifndef TOOLS_PAYLOAD_H
#define TOOLS_PAYLOAD_H

#include <stdint.h>
#include <string.h>

static inline void payload_write(unsigned char *bytes, uint32_t size, uint64_t stamp) {
  uint32_t at = 0;
  for (; at + sizeof stamp <= size; at += sizeof stamp) memcpy(bytes + at, &stamp, sizeof stamp);
  memcpy(bytes + at, &stamp, size - at);
}

/* Offset of the first word that is not as written, or size. */
static inline uint32_t payload_damage(const unsigned char *bytes, uint32_t size, uint64_t stamp) {
  uint32_t at = 0;
  for (; at + sizeof stamp <= size; at += sizeof stamp)
    if (memcmp(bytes + at, &stamp, sizeof stamp) != 0) return at;
  return memcmp(bytes + at, &stamp, size - at) == 0 ? size : at;
}

#endif
