#include "emit.h"

#include <inttypes.h>

#include "units.h"
#include "temporal_slab.h"

#define BYTES(value) units_bytes(value).text

typedef struct Sums {
  uint64_t live_objects, live_bytes, pinned_waste_bytes, partial, full, reclaimable, cached, slabs_mapped, closes, close_ns, recycled;
} Sums;

static Sums sum_classes(const SlabSnapshot *snapshot) {
  Sums sums = {0};
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) {
    const SlabClassStats *class = &snapshot->classes[i];
    sums.live_objects += class->live_objects;
    sums.live_bytes += class->live_bytes;
    sums.pinned_waste_bytes += class->pinned_waste_bytes;
    sums.partial += class->total_partial_slabs;
    sums.full += class->total_full_slabs;
    sums.reclaimable += class->total_reclaimable_slabs;
    sums.cached += class->cache_size + class->cache_overflow_len;
    sums.slabs_mapped += class->slabs_mapped;
    sums.closes += class->epoch_close_calls;
    sums.close_ns += class->epoch_close_total_ns;
    sums.recycled += class->epoch_close_recycled_slabs;
  }
  return sums;
}

static void add_memory(const SlabGlobalStats *global, const Sums *sums, Text *out) {
  text_add(out, "\nMemory\n");
  text_addf(out, "  process RSS    %10s\n", BYTES(global->rss_bytes_current));
  text_addf(out, "  slabs resident %10s   estimated; %" PRIu64 " slabs of %s: %" PRIu64 " partial, %" PRIu64 " full, %" PRIu64 " cached\n",
            BYTES(global->estimated_slab_rss_bytes), sums->slabs_mapped, BYTES(global->slab_bytes), sums->partial, sums->full,
            sums->cached);
  text_addf(out, "    live         %10s   %" PRIu64 " objects\n", BYTES(sums->live_bytes), sums->live_objects);
  text_addf(out, "    pinned waste %10s   free slots beside live objects\n", BYTES(sums->pinned_waste_bytes));
  text_addf(out, "    reclaimable  %10s   %" PRIu64 " empty slabs of open epochs\n", BYTES(sums->reclaimable * global->slab_bytes),
            sums->reclaimable);
  text_addf(out, "  address space  %10s   %s of it metadata\n", BYTES(global->mapped_bytes), BYTES(global->metadata_bytes));
}

static void add_causes(const SlabGlobalStats *global, const Sums *sums, Text *out) {
  uint64_t named = global->total_slow_cache_miss + global->total_slow_epoch_closed;
  uint64_t hits = global->total_slow_path_hits;
  text_add(out, "\nSlow path\n");
  text_addf(out, "  %" PRIu64 " hits: %" PRIu64 " mapped memory, %" PRIu64 " refused by a closing epoch, %" PRIu64 " took an empty slab\n", hits,
            global->total_slow_cache_miss, global->total_slow_epoch_closed, hits > named ? hits - named : 0);
  text_add(out, "\nReclamation\n");
  text_addf(out, "  %" PRIu64 " closes gave back %" PRIu64 " slabs in %.3f ms; madvise %s in %" PRIu64 " calls, %" PRIu64 " failed\n",
            sums->closes / SLAB_CLASS_COUNT, sums->recycled, (double)sums->close_ns / 1e6, BYTES(global->total_madvise_bytes),
            global->total_madvise_calls, global->total_madvise_failures);
  if (global->ever_closed) {
    const SlabEpochCloseStats *longest = &global->longest_epoch_close;
    text_addf(out, "  longest close of late %.3f ms for %" PRIu64 " slabs, epoch %" PRIu64 " era %" PRIu64 " ", (double)longest->duration_ns / 1e6,
              longest->scanned_slabs, longest->epoch_id, longest->epoch_era);
    if (longest->label[0])
      text_add_quoted(out, longest->label, SLAB_LABEL_BYTES, TEXT_FOR_TERMINAL);
    else
      text_add(out, "-");
    text_add(out, "\n");
  }
  text_addf(out, "  epochs opened %" PRIu64 ", refused for want of a free slot %" PRIu64 ", occupied slots stepped over %" PRIu64 "\n",
            global->epoch_advances, global->epoch_advances_refused, global->epoch_slots_skipped);
  uint64_t refused = global->total_invalid_frees + global->unattributed_invalid_frees;
  if (refused || global->total_alloc_failures || global->refused_sizes || global->domain_misuses)
    text_addf(out, "\nRefused\n  %" PRIu64 " frees, %" PRIu64 " allocations for want of memory, %" PRIu64 " sizes, %" PRIu64 " domain calls\n",
              refused, global->total_alloc_failures, global->refused_sizes, global->domain_misuses);
}

static void add_classes(const SlabSnapshot *snapshot, Text *out) {
  text_add(out, "\nClass        allocated        freed   remote       live   partial   full  cached    slow   waste\n");
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) {
    const SlabClassStats *class = &snapshot->classes[i];
    if (!class->bitmap_alloc_attempts && !class->slow_path_hits) continue;
    text_addf(out, "%5" PRIu64 " %16" PRIu64 " %12" PRIu64 " %8" PRIu64 " %10" PRIu64 " %9" PRIu64 " %6" PRIu64 " %7" PRIu64 " %7" PRIu64 " %9s\n",
              class->object_size, class->bitmap_alloc_attempts, class->bitmap_free_attempts, class->remote_frees, class->live_objects,
              class->total_partial_slabs, class->total_full_slabs, class->cache_size + class->cache_overflow_len, class->slow_path_hits,
              BYTES(class->pinned_waste_bytes));
  }
}

static bool epoch_matters(const SlabEpochStats *epoch, uint64_t current) {
  return epoch->live_objects || epoch->refcount || epoch->total_partial_slabs || epoch->total_full_slabs ||
         (epoch->state == SLAB_EPOCH_ACTIVE && epoch->open_since_ns) || (epoch->epoch_id == current && epoch->open_since_ns);
}

static void add_epochs(const SlabSnapshot *snapshot, Text *out) {
  text_add(out, "\nEpoch      era  state        age  inside  slabs       live      bytes      waste  label\n");
  for (int i = 0; i < SLAB_EPOCH_COUNT; i++) {
    const SlabEpochStats *epoch = &snapshot->epochs[i];
    if (!epoch_matters(epoch, snapshot->global.current_epoch)) continue;
    text_addf(out, "%5" PRIu64 " %8" PRIu64 "  %s %8s %7" PRIu64 " %6" PRIu64 " %10" PRIu64 " %10s", epoch->epoch_id, epoch->epoch_era,
              epoch->state == SLAB_EPOCH_ACTIVE ? "ACTIVE " : "CLOSING", units_seconds(epoch->age_sec).text, epoch->refcount,
              epoch->total_partial_slabs + epoch->total_full_slabs, epoch->live_objects, BYTES(epoch->live_bytes));
    text_addf(out, " %10s  ", BYTES(epoch->pinned_waste_bytes));
    if (epoch->label[0])
      text_add_quoted(out, epoch->label, SLAB_LABEL_BYTES, TEXT_FOR_TERMINAL);
    else
      text_add(out, "-");
    text_add(out, "\n");
  }
}

void emit_text(const SlabSnapshot *snapshot, Text *out) {
  const SlabGlobalStats *global = &snapshot->global;
  Sums sums = sum_classes(snapshot);
  text_addf(out, "temporal-slab %s, process %" PRIu64 ", allocator %" PRIu64 "%s\n", TEMPORAL_SLAB_VERSION, global->pid, global->instance,
            global->torn ? " (torn: some numbers do not belong to one instant)" : "");
  add_memory(global, &sums, out);
  add_causes(global, &sums, out);
  add_classes(snapshot, out);
  add_epochs(snapshot, out);
}

void emit_text_line(const SlabSnapshot *snapshot, Text *out) {
  const SlabGlobalStats *global = &snapshot->global;
  Sums sums = sum_classes(snapshot);
  text_addf(out, "RSS %s, live %s in %" PRIu64 " objects, %" PRIu64 " slabs, %" PRIu64 " slow-path hits, given back %s, epochs %" PRIu64 " open %" PRIu64 " closing\n",
            BYTES(global->rss_bytes_current), BYTES(sums.live_bytes), sums.live_objects, sums.slabs_mapped, global->total_slow_path_hits,
            BYTES(global->total_madvise_bytes), global->active_epoch_count, global->closing_epoch_count);
}
