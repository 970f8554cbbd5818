/* Fills an object with bytes that only its key explains, so that a slot handed out twice, moved or given back to the kernel
 * while it lives is seen at the next check. */
#ifndef TESTS_PAYLOAD_H
#define TESTS_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void payload_stamp(void *object, size_t size, uint64_t key);
bool payload_intact(const void *object, size_t size, uint64_t key);

#endif
