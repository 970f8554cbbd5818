/* What is measured otherwise than by running pairs: memory, and what only temporal-slab has. experiments.c is the table. */
#ifndef BENCH_EXPERIMENTS_H
#define BENCH_EXPERIMENTS_H

#include "result.h"

typedef struct Experiment {
  const char *name;
  const char *about;
  const char *unit;      /* of amount */
  uint64_t amount;       /* how much of it, unless told otherwise */
  void (*run)(uint64_t amount); /* between result_begin and result_end; makes and ends the allocator itself */
} Experiment;

extern const Experiment experiments[];
extern const uint32_t experiment_count;

void phases_mixed(uint64_t phases);
void phases_by_epoch(uint64_t phases);
void phases_by_phase(uint64_t phases);
void any_size_mixed(uint64_t phases);
void any_size_by_epoch(uint64_t phases);
void soak_mixed(uint64_t seconds);
void soak_by_epoch(uint64_t seconds);
void epoch_advance_cost(uint64_t advances);
void epoch_kilohertz(uint64_t seconds);
void epoch_close_drained(uint64_t slabs);
void epoch_close_pinned(uint64_t slabs);

#endif
