#ifndef BENCH_RESIDENT_H
#define BENCH_RESIDENT_H

#include <stdint.h>

/* Bytes of the process in memory, counted page by page (Rss of smaps_rollup; that of statm may be off by hundreds of KiB). Allocates nothing. 0 when it cannot be read. */
uint64_t resident_bytes(void);

#endif
