/* Resident bytes of this process, by the kernel's own count. */
#ifndef TESTS_RESIDENT_H
#define TESTS_RESIDENT_H

#include <stdint.h>

/* Field 2 of /proc/self/statm times the page size; 0 when it cannot be read. */
uint64_t resident_bytes(void);

#endif
