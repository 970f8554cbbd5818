/* Asking a run to end early, and waking the thread that waits for its end. SIGINT and SIGTERM ask;
 * one that comes more than a second after the first kills. */
#ifndef TOOLS_INTERRUPT_H
#define TOOLS_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* Installs the handlers, ignores SIGPIPE. False when the system refuses. Call once, before any thread starts. */
bool interrupt_install(void);

/* Somebody asked to end: a signal or interrupt_request. From any thread. */
bool interrupt_requested(void);
void interrupt_request(void);

/* Ends one interrupt_wait, now or the next. Async-signal-safe, any thread. */
void interrupt_wake(void);

/* Sleeps until interrupt_wake or deadline_ns (CLOCK_MONOTONIC, FOREVER_NS for none). One thread at a time. */
void interrupt_wait(uint64_t deadline_ns);

/* The same, and ends as well when fd has something to read, which it tells. fd: -1 for none. */
bool interrupt_wait_for(int fd, uint64_t deadline_ns);

#endif
