/* stats_dump: prints the allocator's counters, of a workload it runs or of another process. parse → source → snapshots → output → exit code. */
#include "clock.h"
#include "emit.h"
#include "exit_codes.h"
#include "interrupt.h"
#include "list.h"
#include "options.h"
#include "output.h"
#include "source.h"
#include "temporal_slab.h"

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

/* What has been printed so far, and how it went. */
typedef struct Stream {
  OutputResult result;
  uint64_t snapshots;
} Stream;

static bool is_complete(const Stream *stream, const Options *options) { return options->count && stream->snapshots >= options->count; }

static void print_next(Stream *stream, const Source *source, const Options *options, bool final) {
  stream->result = present(source, options, final);
  if (stream->result == OUTPUT_OK) stream->snapshots++;
}

/* Prints a snapshot an interval while the source has more. Instants missed because the reader was slow are left out. */
static void run_stream(Stream *stream, const Source *source, const Options *options, bool at_once) {
  uint64_t start_ns = clock_monotonic_ns(), due_ns = at_once ? start_ns : deadline_after(start_ns, options->interval_ns);
  while (stream->result == OUTPUT_OK && !is_complete(stream, options) && source->wait(source->state, due_ns)) {
    print_next(stream, source, options, false);
    uint64_t passed = (clock_monotonic_ns() - start_ns) / options->interval_ns;
    due_ns = deadline_after(start_ns, (passed + 1) * options->interval_ns);
  }
}

static void hold(uint64_t hold_ns) {
  uint64_t until_ns = deadline_after(clock_monotonic_ns(), hold_ns);
  while (!interrupt_requested() && clock_monotonic_ns() < until_ns) interrupt_wait(until_ns);
}

/* A source that is at work already has its first snapshot at once. */
static int show(const Source *source, const Options *options, bool at_work) {
  Stream stream = {.result = OUTPUT_OK};
  if (options->interval_ns)
    run_stream(&stream, source, options, at_work);
  else if (!at_work)
    source->wait(source->state, FOREVER_NS);
  if (stream.result != OUTPUT_OK) interrupt_request();
  source->settle(source->state);
  if (stream.result == OUTPUT_OK && !is_complete(&stream, options)) print_next(&stream, source, options, true);
  if (stream.result == OUTPUT_OK) stream.result = output_finish();
  if (stream.result == OUTPUT_OK) hold(options->hold_ns);
  ExitCode code = source->close(source->state);
  if (code != EXIT_FINE || stream.result == OUTPUT_GONE) return code;
  if (stream.result != OUTPUT_OK) return EXIT_BROKEN;
  if (!options->count || is_complete(&stream, options) || interrupt_requested()) return EXIT_FINE;
  output_complain("the process ended after %llu of %llu snapshots", (unsigned long long)stream.snapshots, (unsigned long long)options->count);
  return EXIT_SAMPLES;
}

static bool install_handlers(void) {
  if (interrupt_install()) return true;
  output_complain("cannot install the signal handlers");
  return false;
}

static int run(const Options *options, bool attach) {
  Source source;
  if (!install_handlers()) return EXIT_BROKEN;
  ExitCode opened = attach ? source_open_attached(&source, &options->target) : source_open_run(&source, &options->plan);
  return opened == EXIT_FINE ? show(&source, options, attach) : (int)opened;
}

static int print(void (*compose)(Text *)) {
  Text text = {0};
  compose(&text);
  OutputResult result = output_write(&text);
  text_free(&text);
  if (result == OUTPUT_OK) result = output_finish();
  return result == OUTPUT_FAILED ? EXIT_BROKEN : EXIT_FINE;
}

static void compose_version(Text *out) { text_add(out, "stats_dump (temporal-slab) " TEMPORAL_SLAB_VERSION "\n"); }

int main(int argc, char **argv) {
  Options options;
  if (!output_secure()) return EXIT_BROKEN;
  switch (options_parse(argc, argv, &options)) {
    case OPTIONS_HELP:
      return print(options_help);
    case OPTIONS_VERSION:
      return print(compose_version);
    case OPTIONS_WRONG:
      return EXIT_USAGE;
    case OPTIONS_LIST:
      return install_handlers() ? list_counter_files(&options.listing) : EXIT_BROKEN;
    case OPTIONS_ATTACH:
      return run(&options, true);
    default:
      return run(&options, false);
  }
}
