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

/* Makes private zeroed memory of counter_file_block_stride() bytes a block for one more thread, published to readers: a part of the file is mapped there. It stays private, and is a block all the
 * same, when the file cannot grow. False when what was there is gone and nothing could be put in its place. Any thread. */
bool counter_store_block(CounterStore *store, ThreadCounters *at);

/* Removes the file; counting goes on. A child that was made without fork's handlers (_Fork, clone) leaves its parent's file where it is. */
void counter_store_remove_file(CounterStore *store);

/* Ends the store and removes its file. Blocks are ended with counter_block_end, each. */
void counter_store_close(CounterStore *store);

/* Puts private zeroed memory in the place of a block. False when that is refused, and the block is what it was, or nothing. */
bool counter_block_end(ThreadCounters *block);

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
