/* bench list | bench WORKLOAD [--threads N] [--pairs N] | bench EXPERIMENT [--amount N]
 * Runs one of them once and prints one JSON object. `npm run bench` runs them all, in turn with the peers, and writes the report. */
#include <stdio.h>
#include <string.h>

#include "experiments.h"
#include "floor.h"

#define USAGE 2

/* Lines of: kind, name, default threads, default pairs or amount, what it is. */
static int list(void) {
  for (uint32_t i = 0; i < workload_count; i++)
    printf("workload\t%s\t%u\t%llu\t%s\n", workloads[i].name, workloads[i].threads, (unsigned long long)workloads[i].pairs, workloads[i].about);
  for (uint32_t i = 0; i < experiment_count; i++)
    printf("experiment\t%s\t\t%llu\t%s\n", experiments[i].name, (unsigned long long)experiments[i].amount, experiments[i].about);
  return 0;
}

static const Workload *find_workload(const char *name) {
  for (uint32_t i = 0; i < workload_count; i++)
    if (strcmp(workloads[i].name, name) == 0) return &workloads[i];
  return NULL;
}

static const Experiment *find_experiment(const char *name) {
  for (uint32_t i = 0; i < experiment_count; i++)
    if (strcmp(experiments[i].name, name) == 0) return &experiments[i];
  return NULL;
}

/* What the clock itself adds to each latency, in ns: the middle one of many empty measurements. */
static double timer_cost_ns(double ns_per_tick) {
  static Histogram empty;
  for (uint32_t i = 0; i < 100000; i++) {
    uint64_t begin = timer_begin();
    histogram_add(&empty, timer_end() - begin);
  }
  return (double)histogram_quantile(&empty, 0.5) * ns_per_tick;
}

static int run_workload(const Workload *workload, uint32_t threads, uint64_t pairs) {
  static Measured result;
  floor_ring_bytes = workload->live_bytes / threads;
  if (!api_start()) {
    fputs("bench: the allocator could not be made\n", stderr);
    return 1;
  }
  measure(workload, threads, pairs, &result);
  result_begin(workload->name);
  result_count("threads", result.threads);
  result_count("pairs", result.pairs);
  result_number("wall_ns_per_pair", (double)result.wall_ns / (double)result.pairs);
  result_number("cpu_ns_per_pair", (double)result.cpu_ns / (double)result.pairs);
#ifdef BENCH_LATENCY
  double ns_per_tick = timer_ns_per_tick();
  result_number("timer_ns", timer_cost_ns(ns_per_tick));
  result_latency("alloc_ns", &result.alloc, ns_per_tick);
  result_latency("free_ns", &result.free, ns_per_tick);
#else
  (void)timer_cost_ns;
#endif
  result_counters();
  result_end();
  api_end();
  return 0;
}

/* A whole number from 1 to limit, 0 for anything else. */
static uint64_t number(const char *text, uint64_t limit) {
  char *end;
  unsigned long long value = text ? strtoull(text, &end, 10) : 0;
  return text && *text >= '0' && *text <= '9' && !*end && value <= limit ? value : 0;
}

static int run_experiment(const Experiment *experiment, uint64_t amount) {
  floor_ring_bytes = 64u << 20;
  result_begin(experiment->name);
  result_count("amount", amount);
  experiment->run(amount);
  result_end();
  return 0;
}

static int usage(void) {
  fputs("usage: bench list\n       bench WORKLOAD [--threads 1…1024] [--pairs N]\n       bench EXPERIMENT [--amount N]\n", stderr);
  return USAGE;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "list") == 0) return list();
  const Workload *workload = argc > 1 ? find_workload(argv[1]) : NULL;
  const Experiment *experiment = argc > 1 ? find_experiment(argv[1]) : NULL;
  if (!workload && !experiment) return usage();
  uint64_t threads = workload ? workload->threads : 1, amount = workload ? workload->pairs : experiment->amount;
  for (int i = 2; i < argc; i += 2) {
    if (workload && strcmp(argv[i], "--threads") == 0)
      threads = number(argv[i + 1], 1024);
    else if (strcmp(argv[i], workload ? "--pairs" : "--amount") == 0)
      amount = number(argv[i + 1], UINT64_C(1) << 40);
    else
      return usage();
  }
  if (!threads || !amount) return usage();
  return workload ? run_workload(workload, (uint32_t)threads, amount) : run_experiment(experiment, amount);
}
