#include "flags.h"

#include <string.h>

#include "clock.h"
#include "values.h"
#include "workload.h"

#define THREADS_MOST 4096

bool flag_read_workload(const char *text, Draft *draft) {
  draft->options.plan.workload = workload_find(text);
  return draft->options.plan.workload;
}

static bool read_threads(const char *text, Draft *draft) {
  uint64_t threads;
  if (!value_count(text, 1, THREADS_MOST, &threads)) return false;
  draft->options.plan.threads = (uint32_t)threads;
  return true;
}

static bool read_span(const char *text, uint64_t *out_ns) {
  if (strcmp(text, "forever") != 0) return value_duration(text, out_ns);
  *out_ns = FOREVER_NS;
  return true;
}

static bool read_duration(const char *text, Draft *draft) {
  draft->duration_given = true;
  return read_span(text, &draft->options.plan.duration_ns);
}

static bool read_ops(const char *text, Draft *draft) {
  draft->ops_given = true;
  /* Operations are numbered in 48 bits of an object's stamp. */
  return value_count(text, 1, (1ull << 48) - 1, &draft->options.plan.ops);
}

static bool read_rate(const char *text, Draft *draft) { return value_count(text, 1, 1000000000000, &draft->options.plan.rate); }
static bool read_seed(const char *text, Draft *draft) { return value_count(text, 0, UINT64_MAX, &draft->options.plan.seed); }
static bool read_size(const char *text, Draft *draft) { return value_size_range(text, &draft->options.plan.size); }
static bool read_epochs(const char *text, Draft *draft) { return value_epoch_policy(text, &draft->options.plan.epoch_policy); }
static bool read_frees(const char *text, Draft *draft) { return value_free_policy(text, &draft->options.plan.free_policy); }
static bool read_hold(const char *text, Draft *draft) { return read_span(text, &draft->options.hold_ns); }

static bool read_interval(const char *text, Draft *draft) {
  uint64_t interval_ns;
  if (!value_duration(text, &interval_ns) || interval_ns < NS_PER_MS) return false;
  draft->options.interval_ns = interval_ns;
  return true;
}

static bool read_pid(const char *text, Draft *draft) {
  uint64_t pid;
  if (!value_count(text, 1, INT32_MAX, &pid)) return false;
  draft->options.target.pid = (uint32_t)pid;
  return true;
}

static bool read_file(const char *text, Draft *draft) { return *(draft->options.target.file = text) != 0; }
static bool read_name(const char *text, Draft *draft) { return *(draft->options.target.name = text) != 0; }
static bool read_instance(const char *text, Draft *draft) { return value_count(text, 1, UINT64_MAX, &draft->options.target.instance); }
static bool read_snapshots(const char *text, Draft *draft) { return value_count(text, 1, UINT64_MAX, &draft->options.count); }
static bool set_post_mortem(const char *text, Draft *draft) { return (void)text, draft->options.target.post_mortem = true; }
static bool set_list(const char *text, Draft *draft) { return (void)text, (void)draft, true; }
static bool set_prune(const char *text, Draft *draft) { return (void)text, draft->options.listing.prune = true; }

static bool read_whole(const char *text, Draft *draft) { return value_count(text, 1, UINT64_MAX, &draft->options.listing.snapshots); }

static bool set_on_request(const char *text, Draft *draft) { return (void)text, draft->options.listing.on_request = true; }
static bool set_live(const char *text, Draft *draft) { return (void)text, draft->options.listing.live = true; }

static bool add_pid(const char *text, Draft *draft) {
  Only *only = &draft->options.listing.only;
  uint64_t pid;
  if (only->pid_count == ONLY_MOST || !value_count(text, 1, INT32_MAX, &pid)) return false;
  only->pids[only->pid_count++] = (uint32_t)pid;
  return true;
}

static bool add_name(const char *text, Draft *draft) {
  Only *only = &draft->options.listing.only;
  if (only->name_count == ONLY_MOST || !*text) return false;
  only->names[only->name_count++] = text;
  return true;
}

static bool set_json(const char *text, Draft *draft) { return (void)text, draft->options.json = true; }
static bool set_text(const char *text, Draft *draft) { return (void)text, draft->text_given = draft->options.text = true; }
static bool set_no_json(const char *text, Draft *draft) { return (void)text, draft->options.json = false, true; }
static bool set_no_text(const char *text, Draft *draft) { return (void)text, draft->options.text = false, true; }

#define A_DURATION "a number above 0 and a unit, as 500ms, 2s, 1.5m, 1h"

const Flag flags[] = {
    {OF_WORKLOAD, "workload", "NAME", "a name", "which workload; the bare NAME does the same", flag_read_workload},
    {OF_WORKLOAD, "threads", "N", "a whole number from 1 to 4096", "threads at work", read_threads},
    {OF_WORKLOAD, "duration", "T", A_DURATION ", or forever", "how long: 500ms, 2s, 1m, forever", read_duration},
    {OF_WORKLOAD, "ops", "N", "a whole number from 1 to 2^48-1", "instead of --duration: allocations of each thread", read_ops},
    {OF_WORKLOAD, "size", "A[-B]", "a size, or the least and the greatest as 32-256, from 1 to 768 bytes", "bytes of the objects", read_size},
    {OF_WORKLOAD, "seed", "N", "a whole number from 0 to 2^64-1", "of the random choices (default 1)", read_seed},
    {OF_WORKLOAD, "rate", "N", "a whole number from 1 to 10^12", "allocations per second, of all threads together", read_rate},
    {OF_WORKLOAD, "epoch-policy", "P", "per-request, per-thread, single, rotate, rotate:COUNT (as rotate:50000) or rotate:DURATION (as rotate:100ms)",
     "which epoch an object goes to, see below", read_epochs},
    {OF_WORKLOAD, "free-policy", "P", "lifo, fifo, random, remote, lagged:COUNT (1 to 10000000) or never:PERCENT (0 to 100)",
     "which object is freed when, see below", read_frees},
    {OF_PROCESS, "pid", "P", "a process id", "the process with this id", read_pid},
    {OF_PROCESS, "name", "NAME", "a name", "the instance with this name, or the process with this command", read_name},
    {OF_PROCESS, "file", "F", "a path", "the counter file F", read_file},
    {OF_PROCESS_STREAM, "instance", "N", "a whole number above 0", "which allocator of the process, if it has several", read_instance},
    {OF_PROCESS_STREAM, "post-mortem", NULL, NULL, "what the process left when it ended", set_post_mortem},
    {OF_PROCESS_STREAM, "count", "N", "a whole number above 0", "end after N snapshots, one a second unless --interval says otherwise", read_snapshots},
    {OF_LIST, "list", NULL, NULL, "print every instance, live or dead, as one JSON object a line", set_list},
    {OF_LIST, "live", NULL, NULL, "with --list: leave out what has ended", set_live},
    {OF_LIST, "only-pid", "P", "a process id, and at most 256 of them", "with --list: only this process; may be given again", add_pid},
    {OF_LIST, "only-name", "NAME", "a name, and at most 256 of them", "with --list: only the instances with this name or command; may be given again", add_name},
    {OF_LIST, "prune", NULL, NULL, "with --list: remove what processes of this user have left", set_prune},
    {OF_LIST, "snapshots", "N", "a whole number above 0", "with --list: the whole snapshot of the N oldest live ones as well", read_whole},
    {OF_LIST, "on-request", NULL, NULL, "with --list: for each line on standard input, with an empty line after it", set_on_request},
    {OF_OUTPUT, "interval", "T", A_DURATION ", at least 1ms", "print a snapshot every T, one a line, and the final one", read_interval},
    {OF_WORKLOAD, "hold", "T", A_DURATION ", or forever", "keep process and objects alive that long after the final snapshot", read_hold},
    {OF_OUTPUT, "json", NULL, NULL, "print snapshots on standard output (default)", set_json},
    {OF_OUTPUT, "no-json", NULL, NULL, "do not", set_no_json},
    {OF_OUTPUT, "text", NULL, NULL, "print a summary on standard error (default with a workload)", set_text},
    {OF_OUTPUT, "no-text", NULL, NULL, "do not", set_no_text},
};
const size_t flag_count = sizeof flags / sizeof *flags;
