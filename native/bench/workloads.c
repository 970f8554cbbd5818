#include "workloads.h"

#define MILLION 1000000u
#define MIB (1u << 20)

const Workload workloads[] = {
    {"pair", "128 B, freed at once", 1, 30 * MILLION, 256, NULL, pair_run, NULL},
    {"batch", "10,000 × 128 B, then freed first in, first out", 1, 10 * MILLION, 1280000, batch_start, batch_run, batch_end},
    {"churn-1", "100,000 live slots of 64–768 B, replaced at random", 1, 4 * MILLION, 40 * MIB, churn_start, churn_run, churn_end},
    {"churn-2", "the same on 2 threads", 2, 8 * MILLION, 40 * MIB, churn_start, churn_run, churn_end},
    {"churn-8", "the same on 8 threads", 8, 16 * MILLION, 40 * MIB, churn_start, churn_run, churn_end},
    {"producer-consumer", "one thread allocates 64–768 B, another frees", 2, 2 * MILLION, 2 * MIB, NULL, producer_consumer_run, NULL},
    {"request", "40 objects of 32–768 B, written, then all freed", 1, 12 * MILLION, 16384, NULL, request_run, NULL},
    {"long-tail", "20,000 live slots, most small, 2 % of 768 B to 256 KiB", 1, 3 * MILLION, 16 * MIB, long_tail_start, long_tail_run, long_tail_end},
    {"thread-churn", "threads that live for 200 objects; half are freed after their end", 1, MILLION, 160000, thread_churn_start, thread_churn_run, thread_churn_end},
    {"larson", "4 threads, each replacing random ones of 1,000 slots that it took over from another", 4, 6 * MILLION, MIB, larson_start, larson_run, larson_end},
    {"xmalloc", "2 threads allocate batches of 100 objects, 2 free them", 4, 4 * MILLION, 4 * MIB, NULL, xmalloc_run, NULL},
    {"cache-scratch", "2 threads that wrote to neighbours on one cache line; 100 writes to each object", 2, 4 * MILLION, 4096, cache_scratch_start, cache_scratch_run, NULL},
    {"alloc-test", "1 thread, 16,384 slots, small sizes and few slots preferred", 1, 5 * MILLION, 8 * MIB, alloc_test_start, alloc_test_run, alloc_test_end},
};
const uint32_t workload_count = sizeof workloads / sizeof *workloads;
