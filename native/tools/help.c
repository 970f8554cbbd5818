/* The text of --help. */
#include <string.h>

#include "flags.h"
#include "workload.h"

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

static void help_flags(Subject subject, Text *out) {
  for (size_t i = 0; i < flag_count; i++) {
    const Flag *flag = &flags[i];
    if (flag->subject != subject) continue;
    size_t width = strlen(flag->name) + (flag->value ? strlen(flag->value) + 1 : 0);
    text_addf(out, "  --%s%s%s%*s %s\n", flag->name, flag->value ? " " : "", flag->value ? flag->value : "", width < 18 ? (int)(18 - width) : 0, "", flag->help);
  }
}

void options_help(Text *out) {
  text_add(out,
           "stats_dump [NAME] [flags]              run a workload on temporal-slab and print its counters\n"
           "stats_dump --pid P | --name NAME | --file F [flags]   print those of another process, which notices nothing\n"
           "stats_dump --list                      print which processes there are\n"
           "\nSnapshots go to standard output as JSON, a summary to standard error.\n"
           "\nA workload\n");
  help_flags(OF_WORKLOAD, out);
  text_add(out, "\nAnother process\n");
  help_flags(OF_PROCESS, out);
  help_flags(OF_PROCESS_STREAM, out);
  help_flags(OF_LIST, out);
  text_add(out, "\nOutput\n");
  help_flags(OF_OUTPUT, out);
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
           "\nA process that ends while it is read: its last state is printed, with \"live\": false in \"process\", and the stream ends.\n"
           "Only this user's processes can be read, root reads all.\n"
           "\nExit codes: 0 fine, 1 a failure or damaged memory, 2 wrong usage or several instances to choose from,\n"
           "4 no such process or file, or an unusable one, 5 the process ended before --count snapshots.\n"
           "\nExamples\n"
           "  stats_dump > snapshot.json\n"
           "  stats_dump leak --no-text | tslab top --epochs --by age_sec --stdin\n"
           "  stats_dump steady --duration forever --interval 1s --no-text | tslab watch -\n"
           "  stats_dump --pid 4242 --interval 1s | tslab watch -\n"
           "  stats_dump --name api --post-mortem > crash.json\n"
           "  stats_dump burst --threads 1 --ops 100000 --seed 7\n");
}
