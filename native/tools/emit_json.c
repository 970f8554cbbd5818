/* The only place that writes the snapshot contract. Numbers come from temporal_slab_fields.def row by row; the few members
 * that are no plain number are written by hand below. */
#include "emit.h"

#include <stddef.h>
#include <stdio.h>

#include "json.h"
#include "temporal_slab.h"

typedef struct Field {
  const char *name;
  size_t offset;
  bool is_double;
} Field;

#define FIELDS_TOP_TOP(name, real) {#name, offsetof(SlabGlobalStats, name), real},
#define FIELDS_TOP_CLASS(name, real)
#define FIELDS_TOP_EPOCH(name, real)
#define FIELDS_TOP_CLOSE(name, real)
#define FIELDS_CLASS_TOP(name, real)
#define FIELDS_CLASS_CLASS(name, real) {#name, offsetof(SlabClassStats, name), real},
#define FIELDS_CLASS_EPOCH(name, real)
#define FIELDS_CLASS_CLOSE(name, real)
#define FIELDS_EPOCH_TOP(name, real)
#define FIELDS_EPOCH_CLASS(name, real)
#define FIELDS_EPOCH_EPOCH(name, real) {#name, offsetof(SlabEpochStats, name), real},
#define FIELDS_EPOCH_CLOSE(name, real)
#define FIELDS_CLOSE_TOP(name, real)
#define FIELDS_CLOSE_CLASS(name, real)
#define FIELDS_CLOSE_EPOCH(name, real)
#define FIELDS_CLOSE_CLOSE(name, real) {#name, offsetof(SlabEpochCloseStats, name), real},

static const Field top_fields[] = {
#define U64(scope, name, kind) FIELDS_TOP_##scope(name, false)
#define F64(scope, name, kind) FIELDS_TOP_##scope(name, true)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
};
static const Field class_fields[] = {
#define U64(scope, name, kind) FIELDS_CLASS_##scope(name, false)
#define F64(scope, name, kind) FIELDS_CLASS_##scope(name, true)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
};
static const Field epoch_fields[] = {
#define U64(scope, name, kind) FIELDS_EPOCH_##scope(name, false)
#define F64(scope, name, kind) FIELDS_EPOCH_##scope(name, true)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
};
static const Field close_fields[] = {
#define U64(scope, name, kind) FIELDS_CLOSE_##scope(name, false)
#define F64(scope, name, kind) FIELDS_CLOSE_##scope(name, true)
#include "temporal_slab_fields.def"
#undef U64
#undef F64
};

/* unknown: offset of a number that could not be had, which is left out rather than written as 0; NONE_UNKNOWN for none. */
static void add_numbers(Json *json, const Field *fields, size_t count, const void *stats, size_t unknown) {
  for (size_t i = 0; i < count; i++) {
    if (fields[i].offset == unknown) continue;
    const void *value = (const char *)stats + fields[i].offset;
    if (fields[i].is_double)
      json_f64(json, fields[i].name, *(const double *)value);
    else
      json_u64(json, fields[i].name, *(const uint64_t *)value);
  }
}
#define NONE_UNKNOWN SIZE_MAX
#define ADD_NUMBERS(json, fields, stats, unknown) add_numbers(json, fields, sizeof(fields) / sizeof *(fields), stats, unknown)

/* A snapshot of another process is foreign data: its count is not trusted to be an index. */
static uint32_t labels_in_use(const SlabGlobalStats *global) {
  return global->label_count < SLAB_LABEL_COUNT ? global->label_count : SLAB_LABEL_COUNT;
}

static const char *id_key(uint32_t id, char key[static 12]) {
  snprintf(key, 12, "%u", (unsigned)id);
  return key;
}

static void add_label_registry(Json *json, const SlabGlobalStats *global) {
  char key[12];
  json_open(json, "label_registry", '{');
  json_u64(json, "count", labels_in_use(global));
  json_u64(json, "max_labels", SLAB_LABEL_COUNT);
  json_open(json, "labels", '{');
  for (uint32_t id = 0; id < labels_in_use(global); id++) json_string(json, id_key(id, key), global->labels[id], SLAB_LABEL_BYTES);
  json_close(json, '}');
  json_close(json, '}');
}

static void add_by_label(Json *json, const char *name, const uint64_t counts[SLAB_LABEL_COUNT], uint32_t label_count) {
  char key[12];
  json_open(json, name, '{');
  for (uint32_t id = 0; id < SLAB_LABEL_COUNT; id++) {
    /* A label may have been registered after the count was read: what it counted belongs to the sum. */
    if (id < label_count || counts[id]) json_u64(json, id_key(id, key), counts[id]);
  }
  json_close(json, '}');
}

static void add_class(Json *json, const SlabClassStats *stats, const SlabGlobalStats *global) {
  json_open(json, NULL, '{');
  ADD_NUMBERS(json, class_fields, stats, NONE_UNKNOWN);
  if (global->label_contention) {
    const SlabLabelContention *by_label = &stats->by_label;
    uint32_t count = labels_in_use(global);
    json_open(json, "contention_by_label", '{');
    add_by_label(json, "lock_fast_acquire", by_label->lock_fast_acquire, count);
    add_by_label(json, "lock_contended", by_label->lock_contended, count);
    add_by_label(json, "bitmap_alloc_cas_retries", by_label->bitmap_alloc_cas_retries, count);
    add_by_label(json, "bitmap_free_cas_retries", by_label->bitmap_free_cas_retries, count);
    json_close(json, '}');
  }
  json_close(json, '}');
}

static void add_close(Json *json, const char *key, const SlabEpochCloseStats *stats) {
  json_open(json, key, '{');
  json_string(json, "label", stats->label, SLAB_LABEL_BYTES);
  ADD_NUMBERS(json, close_fields, stats, NONE_UNKNOWN);
  json_close(json, '}');
}

static void add_epoch(Json *json, const SlabEpochStats *stats) {
  json_open(json, NULL, '{');
  json_string(json, "state", stats->state == SLAB_EPOCH_ACTIVE ? "ACTIVE" : "CLOSING", 8);
  json_string(json, "label", stats->label, SLAB_LABEL_BYTES);
  ADD_NUMBERS(json, epoch_fields, stats, NONE_UNKNOWN);
  json_close(json, '}');
}

void emit_json_member(const SlabSnapshot *snapshot, const char *key, Json *json) {
  const SlabGlobalStats *global = &snapshot->global;
  json_open(json, key, '{');
  ADD_NUMBERS(json, top_fields, global, global->rss_known ? NONE_UNKNOWN : offsetof(SlabGlobalStats, rss_bytes_current));
  json_bool(json, "torn", global->torn);
  json_open(json, "allocator", '{');
  json_string(json, "name", "temporal-slab", 32);
  json_string(json, "version", TEMPORAL_SLAB_VERSION, 32);
  json_u64(json, "instance", global->instance);
  json_close(json, '}');
  json_open(json, "process", '{');
  json_string(json, "command", global->command, sizeof global->command);
  json_string(json, "name", global->name, sizeof global->name);
  json_bool(json, "live", global->live);
  json_close(json, '}');
  json_string(json, "counter_file", global->counter_file ? global->counter_file : "", 256);
  if (global->ever_closed) {
    add_close(json, "last_epoch_close", &global->last_epoch_close);
    add_close(json, "longest_epoch_close", &global->longest_epoch_close);
  }
  add_label_registry(json, global);
  json_open(json, "classes", '[');
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) add_class(json, &snapshot->classes[i], global);
  json_close(json, ']');
  json_open(json, "epochs", '[');
  for (int i = 0; i < SLAB_EPOCH_COUNT; i++) add_epoch(json, &snapshot->epochs[i]);
  json_close(json, ']');
  json_close(json, '}');
}

void emit_json(const SlabSnapshot *snapshot, bool indented, Text *out) {
  Json json = {.out = out, .indented = indented};
  emit_json_member(snapshot, NULL, &json);
  text_add(out, "\n");
}
