/* The counters of one instance and of its threads: in a counter file while there is one, else in private memory. */
#ifndef SLAB_COUNTER_STORE_H
#define SLAB_COUNTER_STORE_H

#include "counter_file.h"

typedef struct CounterStore {
  CounterFileHeader *header; /* in the file, or private */
  GlobalCounters *global;
  char *window;              /* the first blocks' places in the file, mapped ahead; NULL: none */
  bool in_file;
  dev_t device;              /* of the file, which is opened again by its path: another's must not be written to */
  ino_t inode;
  CounterFileState state;
  char *copies;              /* between the handlers of a fork: see counter_store_before_fork */
  char path[COUNTER_PATH_BYTES];
} CounterStore;

/* Makes the store of an instance; falls back to private memory. False only when memory itself is refused. name: NULL or a user's name. */
bool counter_store_open(CounterStore *store, uint64_t instance, const char *name, bool off);

/* A zeroed block for one more thread, published to readers; private when the file cannot grow. NULL when memory is refused. Any thread. */
ThreadCounters *counter_store_block(CounterStore *store);

/* Removes the file; counting goes on. */
void counter_store_remove_file(CounterStore *store);

/* Ends the store and removes its file. Blocks are unmapped with counter_block_unmap, each. */
void counter_store_close(CounterStore *store);
void counter_block_unmap(ThreadCounters *block);

/* Copies what the child will go on to count into: the head and the blocks of the shared heap and of the forking thread (NULL: it has none). Before the fork, so
 * that the parent, which counts on, changes nothing of it; no section is being written, for the caller holds every lock. */
void counter_store_before_fork(CounterStore *store, const ThreadCounters *shared, const ThreadCounters *own);
void counter_store_after_fork_in_parent(CounterStore *store);

/* In the child, before anything is counted: the copies take the place of the parent's file, at the same addresses. */
void counter_store_leave_parent(CounterStore *store, ThreadCounters *shared, ThreadCounters *own);

/* Gives a store that left its parent a file of its own, and a block its place in it. */
void counter_store_republish(CounterStore *store);
void counter_block_republish(CounterStore *store, ThreadCounters *block);

#endif
