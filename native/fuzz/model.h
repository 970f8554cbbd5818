/* What the allocator must do, in the simplest form that is right: the shadow that the fuzzed operations are compared with.
 * Knows nothing of slabs, threads' heaps or memory: only of objects, epochs, domains, labels and what is counted. */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "temporal_slab.h"

enum { MODEL_OBJECTS = 3000, MODEL_DOMAINS = 24, MODEL_ACTORS = 3, MODEL_DEAD = 64, MODEL_DEPTH = 64 };

typedef struct ModelObject {
  void *at; /* NULL: this entry is free */
  SlabHandle handle;
  uint32_t size;
  unsigned cls;
  EpochId epoch;
} ModelObject;

typedef struct ModelEpoch {
  uint64_t era, refcount, live, live_bytes, close_calls;
  bool active;
  unsigned label_id;
  char label[SLAB_LABEL_BYTES];
} ModelEpoch;

typedef struct ModelDomain {
  epoch_domain_t *domain; /* NULL: this entry is free */
  EpochId epoch;
  uint64_t era;
  bool auto_close;
  unsigned depth; /* entries not yet left */
  int actor;      /* who is inside */
} ModelDomain;

typedef struct Model {
  ModelObject objects[MODEL_OBJECTS];
  unsigned object_count; /* live ones stand first, in no order */
  SlabHandle dead[MODEL_DEAD];
  uint64_t deaths;
  ModelEpoch epochs[SLAB_EPOCH_COUNT];
  EpochId current;
  uint64_t last_era;
  ModelDomain domains[MODEL_DOMAINS];
  int stacks[MODEL_ACTORS][MODEL_DEPTH]; /* domain indices */
  int depths[MODEL_ACTORS];
  char labels[SLAB_LABEL_COUNT][SLAB_LABEL_BYTES];
  unsigned label_count;

  uint64_t allocs[SLAB_CLASS_COUNT], frees[SLAB_CLASS_COUNT], closed[SLAB_CLASS_COUNT];
  uint64_t refused_sizes, refused_frees, advances, advances_refused, slots_skipped, misuses, label_overflows, closes;
} Model;

void model_begin(Model *m);

/* Smallest class that holds size; size must be in range. */
unsigned model_class(uint32_t size);

/* Whether an allocation must succeed; counts it as refused when not. */
bool model_may_alloc(Model *m, size_t size, EpochId epoch);
void model_alloc(Model *m, void *at, SlabHandle handle, size_t size, EpochId epoch);

/* Index of the live object with this handle or address, -1 when there is none. */
int model_by_handle(const Model *m, SlabHandle handle);
int model_by_address(const Model *m, const void *at);
void model_free(Model *m, int index);

/* The slot the next advance must open, EPOCH_INVALID when it must refuse; counts it. */
EpochId model_advance(Model *m);
SlabResult model_close(Model *m, EpochId epoch);
SlabResult model_merge(Model *m, EpochId from, EpochId into);
SlabResult model_set_label(Model *m, EpochId epoch, const char *label);
SlabResult model_inc(Model *m, EpochId epoch);
SlabResult model_dec(Model *m, EpochId epoch);

/* Whether a domain must be given. */
bool model_may_wrap(const Model *m, EpochId epoch);
void model_wrap(Model *m, int index, epoch_domain_t *domain, EpochId epoch, bool auto_close);
SlabResult model_enter(Model *m, int index, int actor);
SlabResult model_exit(Model *m, int index, int actor);
SlabResult model_destroy(Model *m, int index);
SlabResult model_force_close(Model *m, int index);

/* The actor's thread has ended: whoever starts in its place is somebody else, inside nothing. */
void model_actor_ended(Model *m, int actor);

/* Every number the model knows against a snapshot; failed checks where they differ. */
void model_compare(const Model *m, const SlabSnapshot *s);

#endif
