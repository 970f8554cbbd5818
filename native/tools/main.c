/* stats_dump: runs a workload on the allocator and prints its counters. parse → source → snapshots → output → exit code. */
#include <stdlib.h>

#include "clock.h"
#include "emit.h"
#include "interrupt.h"
#include "options.h"
#include "output.h"
#include "source.h"
#include "temporal_slab.h"

#define EXIT_USAGE 2

/* Takes a snapshot and prints it as the options say; on standard error before standard output, where a reader may be slow. */
static OutputResult present(const Source *source, const Options *options, bool final) {
  static SlabSnapshot snapshot;
  static Text text, json;
  if (!source->read(source->state, &snapshot)) return OUTPUT_FAILED;
  if (options->text) {
    if (final) {
      source->describe(source->state, &text);
      emit_text(&snapshot, &text);
    } else {
      emit_text_line(&snapshot, &text);
    }
    output_note(&text);
  }
  if (!options->json) return OUTPUT_OK;
  emit_json(&snapshot, options->interval_ns == 0, &json);
  return output_write(&json);
}

/* Prints a snapshot an interval while the source runs. Instants missed because the reader was slow are left out. */
static OutputResult stream(const Source *source, const Options *options) {
  if (!options->interval_ns) {
    source->wait(source->state, FOREVER_NS);
    return OUTPUT_OK;
  }
  uint64_t start_ns = clock_monotonic_ns(), due_ns = deadline_after(start_ns, options->interval_ns);
  while (source->wait(source->state, due_ns)) {
    OutputResult result = present(source, options, false);
    if (result != OUTPUT_OK) return result;
    uint64_t passed = (clock_monotonic_ns() - start_ns) / options->interval_ns;
    due_ns = deadline_after(start_ns, (passed + 1) * options->interval_ns);
  }
  return OUTPUT_OK;
}

static void hold(uint64_t hold_ns) {
  uint64_t until_ns = deadline_after(clock_monotonic_ns(), hold_ns);
  while (!interrupt_requested() && clock_monotonic_ns() < until_ns) interrupt_wait(until_ns);
}

static int run(const Options *options) {
  Source source;
  if (!interrupt_install()) {
    output_complain("cannot install the signal handlers");
    return EXIT_FAILURE;
  }
  if (!source_open_run(&source, &options->plan)) return EXIT_FAILURE;
  OutputResult result = stream(&source, options);
  if (result != OUTPUT_OK) interrupt_request();
  source.settle(source.state);
  if (result == OUTPUT_OK) result = present(&source, options, true);
  if (result == OUTPUT_OK) result = output_finish();
  if (result == OUTPUT_OK) hold(options->hold_ns);
  bool sound = source.close(source.state);
  return sound && result != OUTPUT_FAILED ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print(void (*compose)(Text *)) {
  Text text = {0};
  compose(&text);
  OutputResult result = output_write(&text);
  text_free(&text);
  if (result == OUTPUT_OK) result = output_finish();
  return result == OUTPUT_FAILED ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void compose_version(Text *out) { text_add(out, "stats_dump (temporal-slab) " TEMPORAL_SLAB_VERSION "\n"); }

int main(int argc, char **argv) {
  Options options;
  if (!output_secure()) return EXIT_FAILURE;
  switch (options_parse(argc, argv, &options)) {
    case OPTIONS_HELP:
      return print(options_help);
    case OPTIONS_VERSION:
      return print(compose_version);
    case OPTIONS_WRONG:
      return EXIT_USAGE;
    default:
      return run(&options);
  }
}
