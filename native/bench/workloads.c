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
};
const uint32_t workload_count = sizeof workloads / sizeof *workloads;
