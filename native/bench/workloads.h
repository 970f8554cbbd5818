/* What the files of the workloads offer to the table. */
#ifndef BENCH_WORKLOADS_H
#define BENCH_WORKLOADS_H

#include "workload.h"

void pair_run(Worker *w);

void batch_start(Worker *w);
void batch_run(Worker *w);
void batch_end(Worker *w);

void churn_start(Worker *w);
void churn_run(Worker *w);
void churn_end(Worker *w);

void producer_consumer_run(Worker *w);

void request_run(Worker *w);

void larson_start(Worker *w);
void larson_run(Worker *w);
void larson_end(Worker *w);

void xmalloc_run(Worker *w);

void alloc_test_start(Worker *w);
void alloc_test_run(Worker *w);
void alloc_test_end(Worker *w);

void long_tail_start(Worker *w);
void long_tail_run(Worker *w);
void long_tail_end(Worker *w);

void thread_churn_start(Worker *w);
void thread_churn_run(Worker *w);
void thread_churn_end(Worker *w);

void cache_scratch_start(Worker *w);
void cache_scratch_run(Worker *w);

#endif
