/* The counters of another process, alive or dead, from the file it keeps them in. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "choose.h"
#include "clock.h"
#include "interrupt.h"
#include "os.h"
#include "output.h"
#include "source.h"
#include "units.h"

typedef struct Attached {
  CounterFile file;
  CounterReader reader;
  int process;  /* pidfd; -1: none, its end is noticed at the next snapshot */
  bool ended;   /* the process, or the instance */
  bool unusable;
} Attached;

static bool is_live(Attached *attached) {
  if (!attached->ended) attached->ended = !counter_reader_is_live(&attached->reader, attached->file.pid);
  return !attached->ended;
}

static bool wait_attached(void *state, uint64_t deadline_ns) {
  Attached *attached = state;
  while (!interrupt_requested() && is_live(attached)) {
    if (clock_monotonic_ns() >= deadline_ns) return true;
    /* A process that is gone is gone, though a child of it may have inherited the lock. */
    attached->ended = interrupt_wait_for(attached->process, deadline_ns);
  }
  return false;
}

static bool read_attached(void *state, SlabSnapshot *out) {
  Attached *attached = state;
  if (counter_reader_read(&attached->reader, attached->ended ? 0 : attached->file.pid, out) != COUNTER_READ_OK) {
    output_complain("%s: became shorter while it was read", attached->file.path);
    attached->unusable = true;
    return false;
  }
  out->global.pid = attached->file.pid ? attached->file.pid : attached->file.identity.pid;
  out->global.live = !attached->ended; /* as of the last look: a stream has one snapshot of what ended, its last */
  return true;
}

static void settle_attached(void *state) { (void)state; }

static void describe_attached(void *state, Text *out) {
  const Attached *attached = state;
  text_add_quoted(out, attached->file.path, sizeof attached->file.path, TEXT_FOR_TERMINAL);
  text_add(out, attached->ended ? ", of a process that has ended\n" : "\n");
}

static ExitCode close_attached(void *state) {
  Attached *attached = state;
  counter_reader_close(&attached->reader);
  if (attached->process >= 0) close(attached->process);
  return attached->unusable ? EXIT_INPUT : EXIT_FINE;
}

/* Between the choice and now, another process may have got its pid. */
static int watch_process(const CounterFile *file) {
  if (!file->pid) return -1;
  int process = (int)syscall(SYS_pidfd_open, file->pid, 0);
  if (process >= 0 && os_process_start_ticks(file->pid) == file->identity.start_ticks) return process;
  if (process >= 0) close(process);
  return -1;
}

ExitCode source_open_attached(Source *out, const Target *target) {
  static Attached attached;
  char error[160];
  *out = (Source){&attached, wait_attached, read_attached, settle_attached, describe_attached, close_attached};
  ExitCode chosen = choose_counter_file(target, &attached.file);
  if (chosen != EXIT_FINE) return chosen;
  if (counter_reader_open(&attached.reader, attached.file.path, error, sizeof error) != COUNTER_READ_OK) {
    output_complain("%s: %s", attached.file.path, error);
    return EXIT_INPUT;
  }
  attached.process = watch_process(&attached.file);
  attached.ended = !attached.file.live;
  return EXIT_FINE;
}
