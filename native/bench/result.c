#include "result.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "temporal_slab.h"

static const char *separator = "";

static void key_of(const char *key) {
  printf("%s\"%s\":", separator, key);
  separator = ",";
}

static void text(const char *key, const char *value) {
  key_of(key);
  printf("\"%s\"", value);
}

void result_count(const char *key, uint64_t value) {
  key_of(key);
  printf("%llu", (unsigned long long)value);
}

void result_counts(const char *key, const uint64_t *values, uint64_t count) {
  key_of(key);
  for (uint64_t i = 0; i < count; i++) printf("%s%llu", i ? "," : "[", (unsigned long long)values[i]);
  printf("]");
}

void result_number(const char *key, double value) {
  key_of(key);
  printf("%.4g", value);
}

void result_begin(const char *name) {
  Dl_info from = {0};
  dladdr(dlsym(RTLD_DEFAULT, "malloc"), &from);
  const char *slash = from.dli_fname ? strrchr(from.dli_fname, '/') : NULL;
  printf("{");
  text("name", name);
  text("api", API_NAME);
  text("malloc_from", slash ? slash + 1 : "");
}

void result_latency(const char *key, const Histogram *histogram, double ns_per_tick) {
  static const struct {
    const char *name;
    double share;
  } QUANTILES[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99_9", 0.999}, {"p99_99", 0.9999}, {"max", 1}};
  key_of(key);
  printf("{");
  for (size_t i = 0; i < sizeof QUANTILES / sizeof *QUANTILES; i++)
    printf("%s\"%s\":%.1f", i ? "," : "", QUANTILES[i].name, (double)histogram_quantile(histogram, QUANTILES[i].share) * ns_per_tick);
  printf("}");
}

#ifdef BENCH_SLAB_H
void result_counters(void) {
  static SlabSnapshot snapshot;
  if (slab_stats_snapshot(bench_slab, &snapshot) != SLAB_OK) return;
  uint64_t lock_fast = 0, lock_contended = 0;
  for (uint32_t i = 0; i < SLAB_CLASS_COUNT; i++) {
    lock_fast += snapshot.classes[i].lock_fast_acquire;
    lock_contended += snapshot.classes[i].lock_contended;
  }
  const SlabGlobalStats *g = &snapshot.global;
  key_of("counters");
  separator = "";
  printf("{");
  result_count("allocs", g->total_bitmap_alloc_attempts);
  result_count("frees", g->total_bitmap_free_attempts);
  result_count("remote_frees", g->total_remote_frees);
  result_count("alloc_cas_retries", g->total_bitmap_alloc_cas_retries);
  result_count("free_cas_retries", g->total_bitmap_free_cas_retries);
  result_count("pending_cas_attempts", g->total_current_partial_cas_attempts);
  result_count("pending_cas_failures", g->total_current_partial_cas_failures);
  result_count("lock_fast", lock_fast);
  result_count("lock_contended", lock_contended);
  result_count("slow_path_hits", g->total_slow_path_hits);
  result_count("mmap_calls", g->mmap_calls);
  result_count("madvise_calls", g->total_madvise_calls);
  printf("}");
  separator = ",";
}
#else
void result_counters(void) {}
#endif

void result_end(void) { puts("}"); }
