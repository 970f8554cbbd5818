#include "measure.h"

#include "threads.h"

typedef struct Run {
  const Workload *workload;
  uint64_t warm_pairs, pairs;
  pthread_barrier_t turn;
} Run;

typedef struct Seat {
  Worker worker;
  Run *run;
  pthread_t thread;
  uint64_t began_ns, ended_ns;
  Histogram alloc, free, warm; /* warm: what nobody reads */
} Seat;

__attribute__((noinline)) void measured(const Workload *workload, Worker *worker) {
  worker->is_measured = true;
  workload->run(worker);
  __asm__ volatile("" ::: "memory"); // not a tail call: the function has an end of its own
}

static void *work(void *argument) {
  Seat *seat = argument;
  Worker *w = &seat->worker;
  Run *run = seat->run;
  const Workload *workload = run->workload;
  w->alloc = w->free = &seat->warm;
  if (workload->start) workload->start(w);
  w->pairs = run->warm_pairs;
  pthread_barrier_wait(&run->turn);
  workload->run(w);
  w->alloc = &seat->alloc, w->free = &seat->free;
  w->pairs = run->pairs;
  pthread_barrier_wait(&run->turn); // measured: between this one …
  pthread_barrier_wait(&run->turn);
  seat->began_ns = clock_now_ns();
  measured(workload, w);
  seat->ended_ns = clock_now_ns();
  pthread_barrier_wait(&run->turn); // … and this one
  if (workload->end) workload->end(w);
  return NULL;
}

void measure(const Workload *workload, uint32_t threads, uint64_t pairs, Measured *out) {
  Run run = {workload, 0, (pairs + threads - 1) / threads, {{0}}};
  run.warm_pairs = run.pairs / 10 + 1;
  size_t bytes = threads * sizeof(Seat);
  Seat *seats = own_memory(bytes);
  pthread_barrier_init(&run.turn, NULL, threads + 1);
  for (uint32_t i = 0; i < threads; i++) {
    seats[i].run = &run;
    seats[i].worker = (Worker){.index = i, .threads = threads, .random = i + 1};
    start_thread(&seats[i].thread, work, &seats[i]);
  }
  pthread_barrier_wait(&run.turn);
  pthread_barrier_wait(&run.turn);
  uint64_t cpu_ns = clock_process_cpu_ns();
  pthread_barrier_wait(&run.turn);
  pthread_barrier_wait(&run.turn);
  out->cpu_ns = clock_process_cpu_ns() - cpu_ns;
  uint64_t began = UINT64_MAX, ended = 0;
  for (uint32_t i = 0; i < threads; i++) {
    pthread_join(seats[i].thread, NULL);
    if (seats[i].began_ns < began) began = seats[i].began_ns;
    if (seats[i].ended_ns > ended) ended = seats[i].ended_ns;
    histogram_merge(&out->alloc, &seats[i].alloc);
    histogram_merge(&out->free, &seats[i].free);
  }
  out->threads = threads;
  out->pairs = run.pairs * threads;
  out->wall_ns = ended - began;
  pthread_barrier_destroy(&run.turn);
  own_memory_free(seats, bytes);
}
