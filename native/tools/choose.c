#include "choose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "processes.h"
#include "text.h"

#define NAMED_MOST 12

typedef struct Wanted {
  const Target *target;
  char who[128];        /* "process 42", "name \"cache\"" */
  size_t own;           /* so many of the files found are mapped by the process itself */
  unsigned unreachable; /* and so many more that it maps cannot be opened */
} Wanted;

static bool fits(const Target *target, const CounterFile *file) {
  if (file->result != COUNTER_READ_OK || file->live == target->post_mortem) return false;
  const CounterFileHeader *id = &file->identity;
  if (target->name) return counter_file_has_name(file, target->name);
  return target->post_mortem ? id->pid == target->pid : file->pid == target->pid;
}

static bool same_process(const CounterFile *a, const CounterFile *b) {
  return a->pid == b->pid && a->identity.pid == b->identity.pid && a->identity.start_ticks == b->identity.start_ticks;
}

/* Keeps what pick chooses, in place. */
static void keep(CounterFiles *files, bool (*pick)(const void *context, const CounterFile *file), const void *context) {
  size_t kept = 0;
  for (size_t i = 0; i < files->count; i++)
    if (pick(context, &files->files[i])) files->files[kept++] = files->files[i];
  files->count = kept;
}

static bool pick_fitting(const void *context, const CounterFile *file) { return fits(context, file); }
static bool pick_process(const void *context, const CounterFile *file) { return same_process(context, file); }
static bool pick_instance(const void *context, const CounterFile *file) { return *(const uint64_t *)context == file->identity.instance; }

static int by_instance(const void *a, const void *b) {
  uint64_t left = ((const CounterFile *)a)->identity.instance, right = ((const CounterFile *)b)->identity.instance;
  return left < right ? -1 : left > right;
}

static bool has_instance(const CounterFiles *files, uint64_t instance) {
  for (size_t i = 0; i < files->count; i++)
    if (files->files[i].identity.instance == instance) return true;
  return false;
}

/* Of the dead, the last to have lived: that is the crash one asks about. */
static void keep_latest_process(CounterFiles *files) {
  if (!files->count) return;
  CounterFile latest = files->files[0];
  for (size_t i = 1; i < files->count; i++)
    if (files->files[i].identity.created_realtime_ns > latest.identity.created_realtime_ns) latest = files->files[i];
  keep(files, pick_process, &latest);
}

static bool several_processes(const CounterFiles *files) {
  for (size_t i = 1; i < files->count; i++)
    if (!same_process(&files->files[0], &files->files[i])) return true;
  return false;
}

static void list_instances(const CounterFiles *files, Text *out) {
  for (size_t i = 0; i < files->count && i < NAMED_MOST; i++) {
    const CounterFileHeader *id = &files->files[i].identity;
    text_addf(out, "%s%" PRIu64, i ? ", " : "", id->instance);
    if (id->name[0]) text_addf(out, " (%s)", id->name);
  }
  text_add(out, files->count > NAMED_MOST ? ", …" : "");
  text_add_bytes(out, "", 1);
}

static void list_processes(const CounterFiles *files, Text *out) {
  unsigned named = 0;
  for (size_t i = 0; i < files->count; i++) {
    bool first = true;
    for (size_t j = 0; j < i; j++) first &= !same_process(&files->files[i], &files->files[j]);
    if (!first || ++named > NAMED_MOST) continue;
    text_addf(out, "%s%u", named > 1 ? ", " : "", (unsigned)(files->files[i].pid ? files->files[i].pid : files->files[i].identity.pid));
  }
  text_add(out, named > NAMED_MOST ? ", …" : "");
  text_add_bytes(out, "", 1);
}

/* Says what, the list and advice in one line. */
static void complain_with(const char *what, const CounterFiles *files, void (*list)(const CounterFiles *, Text *), const char *advice) {
  Text text = {0};
  list(files, &text);
  output_complain("%s %s%s", what, text.failed ? "…" : text.bytes, advice);
  text_free(&text);
}

/* Why nothing fits a process. */
static void explain_none(const Wanted *wanted, const CounterFiles *all) {
  const Target *target = wanted->target;
  const CounterFile *unusable = NULL;
  bool dead = false;
  for (size_t i = 0; i < all->count; i++) {
    if (i < wanted->own && all->files[i].result != COUNTER_READ_OK && !unusable) unusable = &all->files[i];
    dead |= fits(&(Target){.pid = target->pid, .name = target->name, .post_mortem = true}, &all->files[i]);
  }
  const char *hint = dead ? "; it left its counters, --post-mortem reads them" : "";
  ProcessState state = target->pid && !target->post_mortem ? process_state(target->pid) : PROCESS_RUNS;
  if (target->post_mortem)
    output_complain("%s has left no counters", wanted->who);
  else if (target->name)
    output_complain("no live process or instance has the %s%s", wanted->who, hint);
  else if (state == PROCESS_ENDED)
    output_complain("no %s%s", wanted->who, hint);
  else if (state == PROCESS_HIDDEN)
    output_complain("%s may not be looked at: it belongs to another user, or is protected", wanted->who);
  else if (wanted->unreachable)
    output_complain("%s maps a counter file that has been deleted or cannot be reached from here", wanted->who);
  else if (unusable)
    output_complain("%s: %s", unusable->path, unusable->error);
  else
    output_complain("%s has no counters to read: it does not use temporal-slab, keeps them private (TSLAB_COUNTERS=off), or could not make the file%s",
                    wanted->who, hint);
}

static ExitCode choose_among(const Wanted *wanted, CounterFiles *files, CounterFile *out) {
  const Target *target = wanted->target;
  bool fitting = false;
  for (size_t i = 0; i < files->count; i++) fitting |= fits(target, &files->files[i]);
  if (files->failed) {
    output_complain("out of memory");
    return EXIT_BROKEN;
  }
  if (!fitting) {
    explain_none(wanted, files);
    return EXIT_INPUT;
  }
  keep(files, pick_fitting, target);
  if (target->post_mortem) keep_latest_process(files);
  if (several_processes(files)) {
    char who[sizeof wanted->who + 40];
    snprintf(who, sizeof who, "%s fits the processes", wanted->who);
    complain_with(who, files, list_processes, ": name one with --pid");
    return EXIT_USAGE;
  }
  qsort(files->files, files->count, sizeof *files->files, by_instance);
  if (target->instance && !has_instance(files, target->instance)) {
    char who[sizeof wanted->who + 40];
    snprintf(who, sizeof who, "%s has no instance %" PRIu64 ", only", wanted->who, target->instance);
    complain_with(who, files, list_instances, "");
    return EXIT_INPUT;
  }
  if (target->instance) keep(files, pick_instance, &target->instance);
  if (files->count > 1) {
    char who[sizeof wanted->who + 40];
    snprintf(who, sizeof who, "%s has the instances", wanted->who);
    complain_with(who, files, list_instances, ": name one with --instance");
    return EXIT_USAGE;
  }
  *out = files->files[0];
  return EXIT_FINE;
}

static ExitCode choose_path(const Target *target, CounterFile *out) {
  counter_file_examine(target->file, 0, out);
  if (out->result != COUNTER_READ_OK) {
    output_complain("%s: %s", target->file, out->error);
    return EXIT_INPUT;
  }
  if (target->instance && target->instance != out->identity.instance) {
    output_complain("%s: is of instance %" PRIu64 ", not %" PRIu64, target->file, out->identity.instance, target->instance);
    return EXIT_INPUT;
  }
  if (target->post_mortem && out->live) {
    output_complain("%s: its process still runs", target->file);
    return EXIT_INPUT;
  }
  return EXIT_FINE;
}

ExitCode choose_counter_file(const Target *target, CounterFile *out) {
  if (target->file) return choose_path(target, out);
  CounterFiles files = {0};
  Wanted wanted = {.target = target};
  if (target->name)
    snprintf(wanted.who, sizeof wanted.who, "name \"%s\"", target->name);
  else
    snprintf(wanted.who, sizeof wanted.who, "process %u", (unsigned)target->pid);
  /* The files of one process are found at once; only what is asked by name, or is left by the dead, needs a search. */
  if (target->pid && !target->post_mortem) wanted.unreachable = counter_files_of_process(target->pid, &files);
  wanted.own = files.count;
  if (!files.count) counter_files_everywhere(&files);
  ExitCode result = choose_among(&wanted, &files, out);
  counter_files_free(&files);
  return result;
}
