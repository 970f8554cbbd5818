/* The class locks, and the probe that tells contention on them. */
#include "contention.h"
#include "lock.h"
#include "pool.h"

/* Takes a lock that another thread holds: awake for as long as such holds last, then asleep. */
static noinline_cold void wait_for(ClassPool *pool) {
  fetch_add_relaxed(&pool->waiting, 1);
  bool taken = false;
  for (int spins = 0; spins < LOCK_SPINS && !taken; spins++) {
    cpu_relax();
    taken = try_lock(&pool->lock);
  }
  if (!taken) lock(&pool->lock);
  fetch_sub_relaxed(&pool->waiting, 1);
}

void pool_lock(SlabAllocator *alloc, uint32_t cls, uint32_t epoch, ThreadCounters *counters) {
  pthread_mutex_t *mutex = &alloc->pools[cls].lock;
  ThreadClassCounters *c = &counters->classes[cls];
  uint32_t bucket = contention_bucket(alloc, epoch);
  if (likely(try_lock(mutex))) {
    tally(counters, &c->lock_fast[bucket], 1);
  } else {
    tally(counters, &c->lock_contended[bucket], 1);
    wait_for(&alloc->pools[cls]);
  }
}

void pool_unlock(SlabAllocator *alloc, uint32_t cls) { unlock(&alloc->pools[cls].lock); }

void pool_give_way(SlabAllocator *alloc, uint32_t cls) {
  for (int spins = 0; spins < GIVE_WAY_SPINS && load_relaxed(&alloc->pools[cls].waiting); spins++) cpu_relax();
}
