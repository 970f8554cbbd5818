#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include <pthread.h>

#include "workload.h"

/* Runs body on a new thread in the worker's name and waits for its end. */
void on_new_thread(void (*body)(Worker *), Worker *w);

/* pthread_create that ends the program when no thread can be made. */
void start_thread(pthread_t *thread, void *(*body)(void *), void *argument);

#endif
