#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "counter_files.h"
#include "emit.h"
#include "interrupt.h"
#include "json.h"
#include "output.h"
#include "processes.h"
#include "prune.h"

static void add_epoch(Json *json, const char *key, const SlabEpochStats *epoch) {
  json_open(json, key, '{');
  json_u64(json, "epoch_id", epoch->epoch_id);
  json_u64(json, "epoch_era", epoch->epoch_era);
  json_string(json, "state", epoch->state == SLAB_EPOCH_ACTIVE ? "ACTIVE" : "CLOSING", 8);
  json_string(json, "label", epoch->label, SLAB_LABEL_BYTES);
  json_u64(json, "age_sec", epoch->age_sec);
  json_u64(json, "refcount", epoch->refcount);
  json_u64(json, "live_objects", epoch->live_objects);
  json_u64(json, "live_bytes", epoch->live_bytes);
  json_close(json, '}');
}

/* Of the epochs that are open and hold something, the first that was opened. NULL: none. */
static const SlabEpochStats *oldest_open(const SlabSnapshot *snapshot) {
  const SlabEpochStats *oldest = NULL;
  for (int i = 0; i < SLAB_EPOCH_COUNT; i++) {
    const SlabEpochStats *epoch = &snapshot->epochs[i];
    bool holds = epoch->state == SLAB_EPOCH_ACTIVE && (epoch->live_objects || epoch->refcount);
    if (holds && (!oldest || epoch->epoch_era < oldest->epoch_era)) oldest = epoch;
  }
  return oldest;
}

static void add_state(Json *json, const SlabSnapshot *snapshot) {
  const SlabGlobalStats *global = &snapshot->global;
  uint64_t live_objects = 0, live_bytes = 0, pinned_bytes = 0;
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) {
    live_objects += snapshot->classes[i].live_objects;
    live_bytes += snapshot->classes[i].live_bytes;
    pinned_bytes += snapshot->classes[i].pinned_waste_bytes;
  }
  if (global->rss_known) json_u64(json, "rss_bytes", global->rss_bytes_current);
  json_u64(json, "slab_rss_bytes", global->estimated_slab_rss_bytes);
  json_u64(json, "live_objects", live_objects);
  json_u64(json, "live_bytes", live_bytes);
  json_u64(json, "pinned_waste_bytes", pinned_bytes);
  json_u64(json, "thread_count", global->thread_count);
  json_u64(json, "open_epochs", global->active_epoch_count);
  json_bool(json, "torn", global->torn);
  add_epoch(json, "current_epoch", &snapshot->epochs[global->current_epoch % SLAB_EPOCH_COUNT]);
  const SlabEpochStats *oldest = oldest_open(snapshot);
  if (oldest) add_epoch(json, "oldest_open_epoch", oldest);
}

/* error says why not. */
static CounterReadResult read_snapshot(const CounterFile *file, SlabSnapshot *out, char *error, size_t bytes) {
  CounterReader reader;
  CounterReadResult result = counter_reader_open(&reader, file->path, error, bytes);
  if (result != COUNTER_READ_OK) return result;
  result = counter_reader_read(&reader, file->pid, out);
  if (result != COUNTER_READ_OK) snprintf(error, bytes, "became shorter while it was read");
  counter_reader_close(&reader);
  return result;
}

static void add_identity(Json *json, const CounterFile *file) {
  const CounterFileHeader *id = &file->identity;
  json_u64(json, "pid", file->pid ? file->pid : id->pid);
  if (file->pid && file->pid != id->pid) json_u64(json, "inner_pid", id->pid);
  json_u64(json, "uid", id->uid);
  json_string(json, "command", id->command, sizeof id->command);
  json_string(json, "name", id->name, sizeof id->name);
  json_u64(json, "instance", id->instance);
  json_string(json, "version", id->version, sizeof id->version);
  json_bool(json, "live", file->live);
  json_u64(json, "created_ns", id->created_realtime_ns);
  if (file->live) json_u64(json, "uptime_sec", process_uptime_sec(id->start_ticks));
}

/* The list's own idea of who is asked, and whether it lives, goes for the snapshot as well. */
static void add_whole_snapshot(Json *json, const CounterFile *file, SlabSnapshot *snapshot) {
  snapshot->global.pid = file->pid ? file->pid : file->identity.pid;
  snapshot->global.live = file->live;
  emit_json_member(snapshot, "snapshot", json);
}

/* What is to be removed is read before; what has gone since it was found is left out. */
static void add_file(const CounterFile *file, bool prune, bool whole, Text *out) {
  static SlabSnapshot snapshot;
  char error[sizeof file->error];
  memcpy(error, file->error, sizeof error);
  CounterReadResult result = file->result == COUNTER_READ_OK ? read_snapshot(file, &snapshot, error, sizeof error) : file->result;
  if (result == COUNTER_READ_NO_FILE) return;
  Json json = {.out = out};
  json_open(&json, NULL, '{');
  json_string(&json, "path", file->path, sizeof file->path);
  if (result != COUNTER_READ_OK) {
    json_string(&json, "error", error, sizeof error);
  } else {
    add_identity(&json, file);
    add_state(&json, &snapshot);
    if (prune && prune_counter_file(file)) json_bool(&json, "pruned", true);
    if (whole) add_whole_snapshot(&json, file, &snapshot);
  }
  json_close(&json, '}');
  text_add(out, "\n");
}

/* Oldest first: who is beyond a limit is beyond it because it came later, and stays so from one list to the next. */
static int by_age(const void *a, const void *b) {
  const CounterFile *left = a, *right = b;
  uint64_t left_ns = left->result == COUNTER_READ_OK ? left->identity.created_realtime_ns : 0;
  uint64_t right_ns = right->result == COUNTER_READ_OK ? right->identity.created_realtime_ns : 0;
  return left_ns != right_ns ? (left_ns < right_ns ? -1 : 1) : strcmp(left->path, right->path);
}

static bool is_wanted(const Listing *listing, const CounterFile *file) {
  const Only *only = &listing->only;
  if (file->result != COUNTER_READ_OK) return true;
  if (listing->live && !file->live) return false;
  uint32_t pid = file->pid ? file->pid : file->identity.pid;
  bool wanted = !only->pid_count && !only->name_count;
  for (size_t i = 0; i < only->pid_count; i++) wanted |= only->pids[i] == pid;
  for (size_t i = 0; i < only->name_count; i++) wanted |= counter_file_has_name(file, only->names[i]);
  return wanted;
}

static OutputResult print_list(const Listing *listing, bool *missing) {
  CounterFiles found = {0};
  Text text = {0};
  counter_files_everywhere(&found);
  if (found.count) qsort(found.files, found.count, sizeof *found.files, by_age);
  OutputResult result = OUTPUT_OK;
  uint64_t snapshots = listing->snapshots;
  for (size_t i = 0; i < found.count && result == OUTPUT_OK; i++) {
    if (!is_wanted(listing, &found.files[i])) continue;
    bool whole = snapshots > 0 && found.files[i].live;
    if (whole) snapshots--;
    add_file(&found.files[i], listing->prune, whole, &text);
    result = output_write(&text);
  }
  *missing |= found.failed;
  if (found.failed) output_complain("out of memory: the list is not complete");
  counter_files_free(&found);
  text_free(&text);
  return result;
}

/* Waits for a line on standard input. False at its end, or when asked to end. */
static bool asked_again(void) {
  while (!interrupt_requested()) {
    if (!interrupt_wait_for(STDIN_FILENO, FOREVER_NS)) continue;
    char bytes[256];
    ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return false;
    if (got > 0 && memchr(bytes, '\n', (size_t)got)) return true;
  }
  return false;
}

static OutputResult print_lists(const Listing *listing, bool *missing) {
  Text end = {0};
  OutputResult result = OUTPUT_OK;
  while (result == OUTPUT_OK && asked_again()) {
    result = print_list(listing, missing);
    text_add(&end, "\n");
    if (result == OUTPUT_OK) result = output_write(&end);
  }
  text_free(&end);
  return result;
}

ExitCode list_counter_files(const Listing *listing) {
  bool missing = false;
  OutputResult result = listing->on_request ? print_lists(listing, &missing) : print_list(listing, &missing);
  if (result == OUTPUT_OK) result = output_finish();
  return result == OUTPUT_FAILED || missing ? EXIT_BROKEN : EXIT_FINE;
}
