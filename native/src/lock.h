/* Every lock of the library is taken and left through these, with a note of how many this thread holds: fork's handlers must not wait for a lock that the
 * thread itself holds, and they would when a signal handler forks in the middle of the library's work. */
#ifndef SLAB_LOCK_H
#define SLAB_LOCK_H

#include <pthread.h>
#include <stdbool.h>

/* Locks this thread holds, or is just about to take or leave: never too low, whenever a signal comes. */
extern _Thread_local volatile unsigned locks_held;

static inline void lock(pthread_mutex_t *mutex) {
  locks_held++;
  pthread_mutex_lock(mutex);
}

static inline void unlock(pthread_mutex_t *mutex) {
  pthread_mutex_unlock(mutex);
  locks_held--;
}

/* False, with nothing held, when another thread has it. */
static inline bool try_lock(pthread_mutex_t *mutex) {
  locks_held++;
  if (pthread_mutex_trylock(mutex) == 0) return true;
  locks_held--;
  return false;
}

#endif
