/* Bytes to operations: the target that both libFuzzer and drive.c feed. */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include <stddef.h>
#include <stdint.h>

/* Plays the input on a new allocator and on the model, comparing after every step what a step can show and all counters now and
 * then and at the end. A difference is a failed check. Returns the number of operations played. */
uint64_t ops_play(const uint8_t *input, size_t bytes);

#endif
