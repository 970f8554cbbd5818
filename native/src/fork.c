/* fork: every lock is held across it. Most children call exec at once, so the child's handler does little: it leaves the parent's counter file. What a child
 * that lives on needs is in fork_child.c. */
#include "fork.h"

#include "heap.h"
#include "lock.h"
#include "os.h"
#include "pool.h"

static pthread_mutex_t instances_mutex = PTHREAD_MUTEX_INITIALIZER;
static SlabAllocator *all_instances;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

#define FOR_EACH_INSTANCE(a) for (SlabAllocator *a = all_instances; a; a = a->next_instance)

static void lock_instance(SlabAllocator *alloc) {
  lock(&alloc->merge_lock);
  lock(&alloc->epoch_lock);
  lock(&alloc->heaps_lock);
  lock(&alloc->shared_lock);
  for (uint32_t cls = 0; cls < SLAB_CLASS_COUNT; cls++) lock(&alloc->pools[cls].lock);
}

static void unlock_instance(SlabAllocator *alloc) {
  for (uint32_t cls = SLAB_CLASS_COUNT; cls-- > 0;) unlock(&alloc->pools[cls].lock);
  unlock(&alloc->shared_lock);
  unlock(&alloc->heaps_lock);
  unlock(&alloc->epoch_lock);
  unlock(&alloc->merge_lock);
}

/* The block of the thread's own heap, NULL when it has none. */
static ThreadCounters *own_counters(const SlabAllocator *alloc) {
  for (Heap *heap = alloc->heaps; heap; heap = heap->next_of_alloc)
    if (!heap->is_shared && heap_is_of_this_thread(heap)) return heap_counters(heap);
  return NULL;
}

/* A signal handler forks in the middle of this thread's work on locked state. Waiting would be for itself; the work is finished when the handler returns, in
 * the child as in the parent. (With more threads such a child may do little anyhow: fork(2), POSIX.) */
static _Thread_local bool forks_inside;

static void before_fork(void) {
  if (locks_held) {
    forks_inside = true;
    return;
  }
  instances_lock();
  heap_registry_lock();
  FOR_EACH_INSTANCE(a) lock_instance(a);
  chunks_lock();
  FOR_EACH_INSTANCE(a) counter_store_before_fork(&a->store, heap_counters(a->shared), own_counters(a));
}

static void leave_locks(void) {
  chunks_unlock();
  FOR_EACH_INSTANCE(a) unlock_instance(a);
  heap_registry_unlock();
  instances_unlock();
}

static void after_fork_in_parent(void) {
  if (forks_inside) {
    forks_inside = false;
    return;
  }
  FOR_EACH_INSTANCE(a) counter_store_after_fork_in_parent(&a->store);
  leave_locks();
}

static void after_fork_in_child(void) {
  FOR_EACH_INSTANCE(a) {
    if (forks_inside) a->store.copies = NULL; /* another thread's, which forks in order at the same time */
    counter_store_leave_parent(&a->store, heap_counters(a->shared), own_counters(a));
    a->pins = 0;
    for (Heap *heap = a->heaps; heap; heap = heap->next_of_alloc) heap->is_left_behind = !heap_is_of_this_thread(heap);
    store_release(&a->forked, true);
  }
  heap_forget_current(); /* another thread may be the first to come to fork_finish, and counts what this one's heap has */
  if (!forks_inside) leave_locks();
  forks_inside = false;
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

/* As early as can be: handlers that a program registers later run outside the time in which every lock is held, and may allocate. */
static __attribute__((constructor)) void watch_forks_from_the_start(void) { pthread_once(&fork_once, watch_forks); }

void instances_add(SlabAllocator *alloc) {
  pthread_once(&fork_once, watch_forks);
  lock(&instances_mutex);
  alloc->next_instance = all_instances;
  all_instances = alloc;
  unlock(&instances_mutex);
}

void instances_remove(SlabAllocator *alloc) {
  lock(&instances_mutex);
  SlabAllocator **link = &all_instances;
  while (*link != alloc) link = &(*link)->next_instance;
  *link = alloc->next_instance;
  unlock(&instances_mutex);
}

void instances_lock(void) { lock(&instances_mutex); }
bool instances_trylock(void) { return try_lock(&instances_mutex); }
void instances_unlock(void) { unlock(&instances_mutex); }
SlabAllocator *instances_first(void) { return all_instances; }
