/* What a run is asked to do: the flags, understood. */
#ifndef TOOLS_PLAN_H
#define TOOLS_PLAN_H

#include <stdint.h>

#include "temporal_slab.h"

typedef struct SizeRange {
  uint32_t first, last; /* bytes, both included; 0-0: the workload's own */
} SizeRange;

typedef enum EpochPolicyKind {
  EPOCH_POLICY_UNSET,   /* the workload decides */
  EPOCH_PER_REQUEST,    /* every unit of work opens a domain of its own, which closes when it is left */
  EPOCH_PER_THREAD,     /* every thread works in one epoch of its own until it ends */
  EPOCH_ROTATE,         /* all threads share an epoch that is replaced and closed from time to time */
  EPOCH_SINGLE          /* everything in the first epoch, which is never closed */
} EpochPolicyKind;

typedef struct EpochPolicy {
  EpochPolicyKind kind;
  uint64_t rotate_ops; /* EPOCH_ROTATE after that many operations of the first thread, or */
  uint64_t rotate_ns;  /* after that time; both 0: a twelfth of the run */
} EpochPolicy;

typedef enum FreePolicyKind {
  FREE_POLICY_UNSET, /* the workload decides */
  FREE_LIFO,         /* newest first */
  FREE_FIFO,         /* oldest first */
  FREE_RANDOM,       /* any */
  FREE_LAGGED,       /* when lag later ones have been allocated by the thread */
  FREE_REMOTE,       /* by the next thread */
  FREE_NEVER         /* percent of them never, the others newest first */
} FreePolicyKind;

typedef struct FreePolicy {
  FreePolicyKind kind;
  uint64_t lag;
  double percent;
} FreePolicy;

typedef struct Plan {
  const struct Workload *workload;
  uint32_t threads;
  uint64_t ops;         /* allocations of each thread; 0: until duration_ns */
  uint64_t duration_ns; /* FOREVER_NS: until interrupted */
  uint64_t rate;        /* allocations per second of all threads together; 0: as fast as it goes */
  uint64_t seed;
  SizeRange size;
  EpochPolicy epoch_policy;
  FreePolicy free_policy;
} Plan;

#endif
