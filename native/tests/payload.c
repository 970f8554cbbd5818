#include "payload.h"

#include <string.h>

static uint64_t word_at(uint64_t key, size_t offset) { return (key + offset + 1) * 0x9e3779b97f4a7c15u; }

void payload_stamp(void *object, size_t size, uint64_t key) {
  unsigned char *at = object;
  for (size_t done = 0; done < size; done += sizeof(uint64_t)) {
    uint64_t word = word_at(key, done);
    size_t left = size - done;
    memcpy(at + done, &word, left < sizeof word ? left : sizeof word);
  }
}

bool payload_intact(const void *object, size_t size, uint64_t key) {
  const unsigned char *at = object;
  for (size_t done = 0; done < size; done += sizeof(uint64_t)) {
    uint64_t word = word_at(key, done);
    size_t left = size - done;
    if (memcmp(at + done, &word, left < sizeof word ? left : sizeof word) != 0) return false;
  }
  return true;
}
