#include "options.h"

#include <string.h>

#include "clock.h"
#include "output.h"
#include "values.h"
#include "workload.h"

#define THREADS_MOST 4096

/* What the command line said, before the workload's defaults fill the gaps. */
typedef struct Draft {
  Options options;
  bool ops_given, duration_given, done;
} Draft;

typedef struct Flag {
  const char *name;     /* without the dashes */
  const char *value;    /* what help calls its value; NULL: it takes none */
  const char *expected; /* ends the sentence "expected …" */
  const char *help;
  bool (*read)(const char *text, Draft *draft); /* false: the value is not as expected */
} Flag;

static bool read_workload(const char *text, Draft *draft) {
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

static bool set_json(const char *text, Draft *draft) { return (void)text, draft->options.json = true; }
static bool set_text(const char *text, Draft *draft) { return (void)text, draft->options.text = true; }
static bool set_no_json(const char *text, Draft *draft) { return (void)text, draft->options.json = false, true; }
static bool set_no_text(const char *text, Draft *draft) { return (void)text, draft->options.text = false, true; }

#define A_DURATION "a number above 0 and a unit, as 500ms, 2s, 1.5m, 1h"

static const Flag flags[] = {
    {"workload", "NAME", "a name", "which workload; the bare NAME does the same", read_workload},
    {"threads", "N", "a whole number from 1 to 4096", "threads at work", read_threads},
    {"duration", "T", A_DURATION ", or forever", "how long: 500ms, 2s, 1m, forever", read_duration},
    {"ops", "N", "a whole number from 1 to 2^48-1", "instead of --duration: allocations of each thread", read_ops},
    {"size", "A[-B]", "a size, or the least and the greatest as 32-256, from 1 to 768 bytes", "bytes of the objects", read_size},
    {"seed", "N", "a whole number from 0 to 2^64-1", "of the random choices (default 1)", read_seed},
    {"rate", "N", "a whole number from 1 to 10^12", "allocations per second, of all threads together", read_rate},
    {"epoch-policy", "P", "per-request, per-thread, single, rotate, rotate:COUNT (as rotate:50000) or rotate:DURATION (as rotate:100ms)",
     "which epoch an object goes to, see below", read_epochs},
    {"free-policy", "P", "lifo, fifo, random, remote, lagged:COUNT (1 to 10000000) or never:PERCENT (0 to 100)",
     "which object is freed when, see below", read_frees},
    {"interval", "T", A_DURATION ", at least 1ms", "print a snapshot every T while it runs, one a line, and the final one", read_interval},
    {"hold", "T", A_DURATION ", or forever", "keep process and objects alive that long after the final snapshot", read_hold},
    {"json", NULL, NULL, "print snapshots on standard output (default)", set_json},
    {"no-json", NULL, NULL, "do not", set_no_json},
    {"text", NULL, NULL, "print a summary on standard error (default)", set_text},
    {"no-text", NULL, NULL, "do not", set_no_text},
};

static const Flag *find_flag(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (strlen(flags[i].name) == length && strncmp(flags[i].name, name, length) == 0) return &flags[i];
  return NULL;
}

static bool wrong_value(const Flag *flag, const char *found) {
  if (found)
    output_complain("--%s: expected %s, found \"%s\"", flag->name, flag->expected, found);
  else
    output_complain("--%s: expected %s, found nothing", flag->name, flag->expected);
  return false;
}

static bool no_such_workload(const char *name) {
  Text names = {0};
  for (size_t i = 0; workloads[i]; i++) text_addf(&names, "%s%s", i ? ", " : "", workloads[i]->name);
  text_add_bytes(&names, "", 1);
  output_complain("--workload: expected one of %s, found \"%s\"", names.failed ? "those in --help" : names.bytes, name);
  text_free(&names);
  return false;
}

static bool take_name(const char *name, Draft *draft) {
  const Workload *before = draft->options.plan.workload;
  if (!read_workload(name, draft)) return no_such_workload(name);
  if (before && before != draft->options.plan.workload) {
    output_complain("--workload: expected one, found %s and %s", before->name, name);
    return false;
  }
  return true;
}

/* Takes the flag at argv[*at] and its value, which may be the next argument. */
static bool take_flag(char **argv, int *at, Draft *draft) {
  const char *argument = argv[*at];
  size_t length = strcspn(argument, "=");
  const char *value = argument[length] ? argument + length + 1 : NULL;
  const Flag *flag = strncmp(argument, "--", 2) == 0 ? find_flag(argument + 2, length - 2) : NULL;
  if (!flag) {
    output_complain("unknown flag %s; stats_dump --help lists them", argument);
    return false;
  }
  if (!flag->value) {
    if (!value) return flag->read(NULL, draft);
    output_complain("--%s takes no value, found \"%s\"", flag->name, value);
    return false;
  }
  if (!value) value = argv[*at + 1] ? argv[++*at] : NULL;
  if (value && flag->read == read_workload) return take_name(value, draft);
  return (value && flag->read(value, draft)) || wrong_value(flag, value);
}

/* Fills what was not given from the workload's own form of it. */
static bool complete(Draft *draft) {
  Plan *plan = &draft->options.plan;
  if (draft->ops_given && draft->duration_given) {
    output_complain("--ops and --duration: expected one of them, found both");
    return false;
  }
  if (!plan->workload) plan->workload = workloads[0];
  const Workload *own = plan->workload;
  if (!plan->threads) plan->threads = own->threads;
  if (!plan->size.first) value_size_range(own->size, &plan->size);
  if (!plan->epoch_policy.kind && own->epoch_policy) value_epoch_policy(own->epoch_policy, &plan->epoch_policy);
  if (!plan->free_policy.kind && own->free_policy) value_free_policy(own->free_policy, &plan->free_policy);
  if (!draft->ops_given && !draft->duration_given) value_duration(own->duration, &plan->duration_ns);
  if (!plan->ops && !plan->rate) plan->rate = own->rate;
  if (plan->ops && plan->epoch_policy.rotate_ns) {
    output_complain("--epoch-policy: expected rotate:COUNT in a run by --ops, which must not depend on the clock, found a time");
    return false;
  }
  return true;
}

OptionsResult options_parse(int argc, char **argv, Options *out) {
  Draft draft = {.options = {.json = true, .text = true, .plan = {.seed = 1}}};
  bool flags_end = false;
  for (int at = 1; at < argc; at++) {
    const char *argument = argv[at];
    if (!flags_end && strcmp(argument, "--") == 0) {
      flags_end = true;
    } else if (flags_end || argument[0] != '-') {
      if (!take_name(argument, &draft)) return OPTIONS_WRONG;
    } else if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
      return OPTIONS_HELP;
    } else if (strcmp(argument, "--version") == 0) {
      return OPTIONS_VERSION;
    } else if (!take_flag(argv, &at, &draft)) {
      return OPTIONS_WRONG;
    }
  }
  if (!complete(&draft)) return OPTIONS_WRONG;
  *out = draft.options;
  return OPTIONS_RUN;
}

static void help_workloads(Text *out) {
  text_add(out, "\nWorkloads (the first is the default)\n");
  for (size_t i = 0; workloads[i]; i++) {
    const Workload *own = workloads[i];
    text_addf(out, "  %-8s %s\n", own->name, own->summary);
    text_addf(out, "           --threads %u --duration %s --size %s", (unsigned)own->threads, own->duration, own->size);
    if (own->epoch_policy) text_addf(out, " --epoch-policy %s", own->epoch_policy);
    if (own->free_policy) text_addf(out, " --free-policy %s", own->free_policy);
    if (own->rate) text_addf(out, " --rate %llu", (unsigned long long)own->rate);
    text_add(out, "\n");
  }
}

void options_help(Text *out) {
  text_add(out,
           "stats_dump [NAME] [flags]: runs a workload on temporal-slab and prints its counters,\n"
           "as JSON on standard output and as a summary on standard error.\n\nFlags\n");
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    size_t width = strlen(flags[i].name) + (flags[i].value ? strlen(flags[i].value) + 1 : 0);
    text_addf(out, "  --%s%s%s%*s %s\n", flags[i].name, flags[i].value ? " " : "", flags[i].value ? flags[i].value : "",
              width < 18 ? (int)(18 - width) : 0, "", flags[i].help);
  }
  text_add(out,
           "  --help, -h           print this\n"
           "  --version            print the version\n");
  help_workloads(out);
  text_add(out,
           "\nEpoch policies\n"
           "  per-request        every unit of work opens a domain and leaves it, which closes its epoch\n"
           "  per-thread         every thread has an epoch until it ends\n"
           "  single             everything in the first epoch, never closed\n"
           "  rotate             one epoch for all, replaced and closed a dozen times in a run\n"
           "  rotate:COUNT|T     the same, after COUNT allocations of the first thread, or after T\n"
           "  When the ring has no free epoch, work goes on in the first one.\n"
           "\nFree policies\n"
           "  lifo, fifo, random newest first, oldest first, any\n"
           "  lagged:N           an object goes when its thread has allocated N later ones\n"
           "  remote             the next thread frees it\n"
           "  never:PERCENT      so many are never freed, the others newest first\n"
           "\nThe same --seed with --threads 1 and --ops gives the same counters. SIGINT and SIGTERM end a run early;\n"
           "its final snapshot is printed all the same. Every object is stamped and verified.\n"
           "\nExit codes: 0 fine, 1 a failure or damaged memory, 2 wrong usage.\n"
           "\nExamples\n"
           "  stats_dump > snapshot.json\n"
           "  stats_dump leak --no-text | tslab top --epochs --by age_sec --stdin\n"
           "  stats_dump steady --duration forever --interval 1s --no-text | tslab watch -\n"
           "  stats_dump burst --threads 1 --ops 100000 --seed 7\n");
}
