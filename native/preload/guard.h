/* Around whatever is more than an allocation: setting up the instance or a thread's heap, changing the slice. What is allocated by the C library
 * meanwhile comes from the next allocator; no cancellation is acted upon, for malloc is no cancellation point; errno stays. */
#ifndef PRELOAD_GUARD_H
#define PRELOAD_GUARD_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

extern _Thread_local bool guarded;

/* False before the C library has started, or the sanitizer that this build is made with: only the arena can serve then. */
bool process_started(void);

typedef struct Guard {
  int cancel_state, saved_errno;
  bool was_guarded;
} Guard;

static inline Guard guard_enter(void) {
  Guard g = {.saved_errno = errno, .was_guarded = guarded};
  guarded = true;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &g.cancel_state);
  return g;
}

static inline void guard_leave(Guard g) {
  pthread_setcancelstate(g.cancel_state, NULL);
  guarded = g.was_guarded;
  errno = g.saved_errno;
}

#endif
