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

#endif
