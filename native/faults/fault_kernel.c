/* A kernel that does not take back what it is given. Injected at the system call, but for the locked memory, which is real. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fault.h"
#include "interpose.h"

/* Something to give back at a close: five times a second a batch of 4 MiB in each of four classes. */
static void work(Planted *planted) {
  static const uint32_t sizes[] = {128, 256, 384, 768};
  enum { BYTES = 4 * 1048576, KINDS = sizeof sizes / sizeof *sizes };
  SlabHandle *objects[KINDS];
  for (int i = 0; i < KINDS; i++) objects[i] = fault_handles(BYTES / sizes[i]);
  fault_ready(planted);
  while (service_pause(planted->service, 200)) {
    EpochId epoch = fault_open(planted);
    if (epoch == EPOCH_INVALID) break;
    for (int i = 0; i < KINDS; i++) fault_fill(planted, epoch, sizes[i], objects[i], BYTES / sizes[i]);
    for (int i = 0; i < KINDS; i++) fault_free(planted, objects[i], BYTES / sizes[i]);
    epoch_close(planted->service->alloc, epoch);
  }
  for (int i = 0; i < KINDS; i++) free(objects[i]);
}

static void run_fails(Planted *planted) {
  interpose_madvise_fails(planted->amount);
  work(planted);
}

/* All that is mapped from now on is locked: the kernel itself refuses. */
static void run_locked(Planted *planted) {
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) perror("fault_service: mlockall");
  work(planted);
}

static void run_ignored(Planted *planted) {
  interpose_madvise_ignored(planted->amount);
  work(planted);
}

static void run_slow(Planted *planted) {
  interpose_madvise_slow((unsigned)planted->amount);
  work(planted);
}

const Fault fault_madvise_fails = {"madvise-fails", "nightly-batch", "% of calls", "madvise returns EINVAL (injected at the system call)", run_fails};
const Fault fault_locked = {"locked-memory", "nightly-batch", "1", "mlockall: the kernel refuses to take locked pages back", run_locked};
const Fault fault_madvise_ignored = {"madvise-ignored", "nightly-batch", "% of pages", "madvise succeeds and pages stay (injected at the system call)", run_ignored};
const Fault fault_madvise_slow = {"madvise-slow", "nightly-batch", "us a call", "madvise takes its time (injected at the system call)", run_slow};
