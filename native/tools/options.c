#include "options.h"

#include <string.h>

#include "clock.h"
#include "flags.h"
#include "output.h"
#include "values.h"
#include "workload.h"

static const Flag *find_flag(const char *name, size_t length) {
  for (size_t i = 0; i < flag_count; i++)
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
  draft->given[OF_WORKLOAD] = "workload";
  if (!flag_read_workload(name, draft)) return no_such_workload(name);
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
  draft->given[flag->subject] = flag->name;
  if (!flag->value) {
    if (!value) return flag->read(NULL, draft);
    output_complain("--%s takes no value, found \"%s\"", flag->name, value);
    return false;
  }
  if (!value) value = argv[*at + 1] ? argv[++*at] : NULL;
  if (value && flag->read == flag_read_workload) return take_name(value, draft);
  return (value && flag->read(value, draft)) || wrong_value(flag, value);
}

static bool one_of(const char *flag, const char *other) {
  output_complain("--%s and --%s: expected one of them, found both", flag, other);
  return false;
}

/* One command line runs a workload, attaches to a process, or lists. */
static bool one_subject(const Draft *draft) {
  const char *const *given = draft->given;
  const Target *target = &draft->options.target;
  const char *process = given[OF_PROCESS] ? given[OF_PROCESS] : given[OF_PROCESS_STREAM];
  if (process && given[OF_WORKLOAD]) return one_of(process, given[OF_WORKLOAD]);
  if (given[OF_LIST] && (process || given[OF_WORKLOAD])) return one_of(given[OF_LIST], process ? process : given[OF_WORKLOAD]);
  if (given[OF_LIST] && draft->options.interval_ns) return one_of(given[OF_LIST], "interval");
  if (draft->options.listing.live && draft->options.listing.prune) return one_of("live", "prune");
  if (given[OF_PROCESS_STREAM] && !given[OF_PROCESS]) {
    output_complain("--%s: expected --pid, --name or --file as well", given[OF_PROCESS_STREAM]);
    return false;
  }
  if (target->pid && target->name) return one_of("pid", "name");
  if (target->file && (target->pid || target->name)) return one_of("file", target->pid ? "pid" : "name");
  return true;
}

/* Fills what was not given from the workload's own form of it. */
static bool complete(Draft *draft) {
  Plan *plan = &draft->options.plan;
  if (draft->ops_given && draft->duration_given) return one_of("ops", "duration");
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
  if (!one_subject(&draft)) return OPTIONS_WRONG;
  bool workload = !draft.given[OF_PROCESS] && !draft.given[OF_LIST];
  if (workload && !complete(&draft)) return OPTIONS_WRONG;
  *out = draft.options;
  if (workload) return OPTIONS_RUN;
  /* Who reads another process's counters through a pipe has the terminal for something else. */
  out->text = draft.text_given && draft.options.text;
  if (out->count && !out->interval_ns) out->interval_ns = NS_PER_SEC;
  return draft.given[OF_LIST] ? OPTIONS_LIST : OPTIONS_ATTACH;
}
