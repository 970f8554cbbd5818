/* What the library asks of the operating system. None of these is called with a lock held that an allocation may need. */
#ifndef SLAB_OS_H
#define SLAB_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed private memory, aligned to align (a power of two, at least a page). NULL when refused. */
void *os_map(size_t bytes, size_t align);

/* The same at an address that must be free. */
typedef enum { OS_MAP_OK, OS_MAP_TAKEN, OS_MAP_FAILED } OsMapAt;
OsMapAt os_map_at(void *at, size_t bytes);

/* Zeroed private memory in the place of what is mapped there; what is mapped at from in the place of what is mapped at to. False when refused: then there may be nothing left at the place. */
bool os_map_over(void *at, size_t bytes);
bool os_move_over(void *to, void *from, size_t bytes);

/* Address space that reads as zero and costs no memory until os_allow_writing opens parts of it. NULL, or false, when refused. */
void *os_reserve(size_t bytes);
bool os_allow_writing(void *p, size_t bytes);

/* Bytes of address space the process may have (RLIMIT_AS); UINT64_MAX when there is no limit. */
uint64_t os_address_space_limit(void);

void os_unmap(void *p, size_t bytes);

/* Gives the pages back; the range reads as zero afterwards. False when the kernel refuses (locked memory, seccomp). */
bool os_discard(void *p, size_t bytes);

/* Asks the kernel not to back the range with huge pages, which would make given-back slabs stay resident. Refusal does no harm. */
void os_no_huge_pages(void *p, size_t bytes);

/* Registers for os_barrier_all_threads. False where the kernel does not offer it. */
bool os_barrier_register(void);

/* After it returns, every thread of the process has passed a full memory barrier: what it had done before is visible here, and what
 * it does next sees what was stored here before the call (membarrier(2), PRIVATE_EXPEDITED). False when refused. */
bool os_barrier_all_threads(void);

/* Lets other threads run. */
void os_yield(void);

/* Below a second. Shorter where a signal comes. */
void os_sleep_ns(uint32_t ns);

/* Around system calls that are cancellation points, which allocation is not: cancellation waits, errno stays. */
typedef struct OsQuiet {
  int saved_errno, cancel_state;
} OsQuiet;
OsQuiet os_quiet_begin(void);
void os_quiet_end(OsQuiet quiet);

size_t os_page_bytes(void);

/* Resident set of this process in bytes; 0 when it cannot be read. */
uint64_t os_rss_bytes(void);

/* Start time of a process as in field 22 of its /proc stat; 0 when there is none. */
uint64_t os_process_start_ticks(uint32_t pid);

uint64_t os_realtime_ns(void);        /* CLOCK_REALTIME */
uint64_t os_realtime_coarse_ns(void); /* a tick of 1-4 ms, about 5 ns to read */
uint64_t os_monotonic_ns(void);
uint64_t os_monotonic_coarse_ns(void);

#endif
