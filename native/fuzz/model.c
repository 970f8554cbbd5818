#include "model.h"

#include <string.h>

#include "check.h"
#include "laws.h"
#include "utf8.h"

static const uint32_t class_bytes[SLAB_CLASS_COUNT] = {64, 96, 128, 192, 256, 384, 512, 768};

static ModelEpoch *epoch_at(Model *m, EpochId epoch) { return epoch < SLAB_EPOCH_COUNT ? &m->epochs[epoch] : NULL; }

void model_begin(Model *m) {
  memset(m, 0, sizeof *m);
  m->label_count = 1;
  m->last_era = 1;
  m->epochs[0] = (ModelEpoch){.era = 1, .active = true};
}

unsigned model_class(uint32_t size) {
  unsigned cls = 0;
  while (class_bytes[cls] < size) cls++;
  return cls;
}

bool model_may_alloc(Model *m, size_t size, EpochId epoch) {
  if (size == 0 || size > SLAB_MAX_OBJECT_BYTES || epoch >= SLAB_EPOCH_COUNT) {
    m->refused_sizes++;
    return false;
  }
  if (m->epochs[epoch].active) return true;
  m->closed[model_class((uint32_t)size)]++;
  return false;
}

void model_alloc(Model *m, void *at, SlabHandle handle, size_t size, EpochId epoch) {
  unsigned cls = model_class((uint32_t)size);
  m->objects[m->object_count++] = (ModelObject){at, handle, (uint32_t)size, cls, epoch};
  m->allocs[cls]++;
  m->epochs[epoch].live++;
  m->epochs[epoch].live_bytes += class_bytes[cls];
}

int model_by_handle(const Model *m, SlabHandle handle) {
  for (unsigned i = 0; handle && i < m->object_count; i++)
    if (m->objects[i].handle == handle) return (int)i;
  return -1;
}

int model_by_address(const Model *m, const void *at) {
  for (unsigned i = 0; i < m->object_count; i++)
    if (m->objects[i].at == at) return (int)i;
  return -1;
}

void model_free(Model *m, int index) {
  ModelObject *object = &m->objects[index];
  m->frees[object->cls]++;
  m->epochs[object->epoch].live--;
  m->epochs[object->epoch].live_bytes -= class_bytes[object->cls];
  if (object->handle) m->dead[m->deaths++ % MODEL_DEAD] = object->handle;
  *object = m->objects[--m->object_count];
}

EpochId model_advance(Model *m) {
  for (unsigned step = 1; step <= SLAB_EPOCH_COUNT; step++) {
    EpochId epoch = (m->current + step) % SLAB_EPOCH_COUNT;
    const ModelEpoch *e = &m->epochs[epoch];
    if (e->active || e->refcount || e->live) continue;
    m->slots_skipped += step - 1;
    m->advances++;
    m->epochs[epoch] = (ModelEpoch){.era = ++m->last_era, .active = true};
    return m->current = epoch;
  }
  m->advances_refused++;
  return EPOCH_INVALID;
}

SlabResult model_close(Model *m, EpochId epoch) {
  ModelEpoch *e = epoch_at(m, epoch);
  if (!e) return SLAB_ERR_ARGUMENT;
  if (!e->era) return SLAB_ERR_CLOSED;
  e->active = false;
  e->close_calls++;
  m->closes++;
  return SLAB_OK;
}

SlabResult model_merge(Model *m, EpochId from, EpochId into) {
  ModelEpoch *first = epoch_at(m, from), *second = epoch_at(m, into);
  if (!first || !second || from == into) return SLAB_ERR_ARGUMENT;
  if (!first->era || !second->era) return SLAB_ERR_CLOSED;
  if (first->active || second->active || first->refcount) return SLAB_ERR_BUSY;
  for (unsigned i = 0; i < m->object_count; i++)
    if (m->objects[i].epoch == from) m->objects[i].epoch = into;
  second->live += first->live;
  second->live_bytes += first->live_bytes;
  first->live = first->live_bytes = 0;
  return SLAB_OK;
}

SlabResult model_set_label(Model *m, EpochId epoch, const char *label) {
  ModelEpoch *e = epoch_at(m, epoch);
  if (!e || (label && !utf8_is_valid(label))) return SLAB_ERR_ARGUMENT;
  if (!e->era) return SLAB_ERR_CLOSED;
  memset(e->label, 0, sizeof e->label);
  e->label_id = 0;
  if (!label || !*label) return SLAB_OK;
  memcpy(e->label, label, utf8_cut(label, SLAB_LABEL_BYTES - 1));
  for (unsigned id = 1; id < m->label_count; id++)
    if (strcmp(m->labels[id], e->label) == 0) e->label_id = id;
  if (e->label_id) return SLAB_OK;
  if (m->label_count == SLAB_LABEL_COUNT) {
    m->label_overflows++;
  } else {
    e->label_id = m->label_count++;
    memcpy(m->labels[e->label_id], e->label, sizeof e->label);
  }
  return SLAB_OK;
}

SlabResult model_inc(Model *m, EpochId epoch) {
  ModelEpoch *e = epoch_at(m, epoch);
  if (!e) return SLAB_ERR_ARGUMENT;
  if (!e->active) return SLAB_ERR_CLOSED;
  e->refcount++;
  return SLAB_OK;
}

SlabResult model_dec(Model *m, EpochId epoch) {
  ModelEpoch *e = epoch_at(m, epoch);
  if (!e) return SLAB_ERR_ARGUMENT;
  if (!e->refcount) {
    m->misuses++;
    return SLAB_ERR_UNDERFLOW;
  }
  e->refcount--;
  return SLAB_OK;
}

bool model_may_wrap(const Model *m, EpochId epoch) { return epoch < SLAB_EPOCH_COUNT && m->epochs[epoch].active; }

void model_wrap(Model *m, int index, epoch_domain_t *domain, EpochId epoch, bool auto_close) {
  m->domains[index] = (ModelDomain){domain, epoch, m->epochs[epoch].era, auto_close, 0, -1};
}

static SlabResult misuse(Model *m, SlabResult result) {
  m->misuses++;
  return result;
}

SlabResult model_enter(Model *m, int index, int actor) {
  ModelDomain *d = &m->domains[index];
  ModelEpoch *e = &m->epochs[d->epoch];
  if (m->depths[actor] == MODEL_DEPTH) return SLAB_ERR_NOMEM;
  if (d->depth && d->actor != actor) return misuse(m, SLAB_ERR_WRONG_THREAD);
  if (e->era != d->era) return SLAB_ERR_STALE;
  if (!e->active) return SLAB_ERR_CLOSED;
  d->depth++;
  e->refcount++;
  d->actor = actor;
  m->stacks[actor][m->depths[actor]++] = index;
  return SLAB_OK;
}

SlabResult model_exit(Model *m, int index, int actor) {
  ModelDomain *d = &m->domains[index];
  if (d->depth && d->actor != actor) return misuse(m, SLAB_ERR_WRONG_THREAD);
  if (!m->depths[actor] || m->stacks[actor][m->depths[actor] - 1] != index) return misuse(m, SLAB_ERR_WRONG_ORDER);
  m->depths[actor]--;
  bool last = --d->depth == 0;
  ModelEpoch *e = &m->epochs[d->epoch];
  /* Who is inside keeps the slot, unless somebody counted himself out without having counted himself in. */
  if (e->era != d->era) return misuse(m, SLAB_ERR_STALE);
  if (!e->refcount) return misuse(m, SLAB_ERR_UNDERFLOW);
  if (--e->refcount == 0 && last && d->auto_close && e->active) model_close(m, d->epoch);
  return SLAB_OK;
}

SlabResult model_destroy(Model *m, int index) {
  if (m->domains[index].depth) return misuse(m, SLAB_ERR_BUSY);
  m->domains[index] = (ModelDomain){0};
  return SLAB_OK;
}

SlabResult model_force_close(Model *m, int index) {
  ModelDomain *d = &m->domains[index];
  if (m->epochs[d->epoch].era != d->era) return SLAB_ERR_STALE;
  return model_close(m, d->epoch);
}

void model_actor_ended(Model *m, int actor) {
  for (int i = 0; i < MODEL_DOMAINS; i++)
    if (m->domains[i].depth && m->domains[i].actor == actor) m->domains[i].actor = -1; /* inside for ever */
  m->depths[actor] = 0;
}

static void compare_epoch(const ModelEpoch *e, const SlabEpochStats *s) {
  CHECK_U64(s->epoch_era, e->era);
  CHECK_U64(s->state == SLAB_EPOCH_ACTIVE, e->active);
  CHECK_U64(s->refcount, e->refcount);
  CHECK_U64(s->live_bytes, e->live_bytes);
  CHECK_U64(s->close_calls, e->close_calls);
  CHECK_U64(s->label_id, e->label_id);
  CHECK_TEXT(s->label, e->label);
  if (e->era && !e->active && !e->live) CHECK_U64(s->total_partial_slabs + s->total_full_slabs, 0); /* drained: given back at once */
}

void model_compare(const Model *m, const SlabSnapshot *s) {
  uint64_t live_by_class[SLAB_CLASS_COUNT], live_by_epoch[SLAB_EPOCH_COUNT], active = 0;
  for (int c = 0; c < SLAB_CLASS_COUNT; c++) {
    live_by_class[c] = m->allocs[c] - m->frees[c];
    CHECK_U64(s->classes[c].bitmap_alloc_attempts, m->allocs[c]);
    CHECK_U64(s->classes[c].bitmap_free_attempts, m->frees[c]);
    CHECK_U64(s->classes[c].slow_path_epoch_closed, m->closed[c]);
    CHECK_U64(s->classes[c].epoch_close_calls, m->closes);
  }
  for (int e = 0; e < SLAB_EPOCH_COUNT; e++) {
    live_by_epoch[e] = m->epochs[e].live;
    active += m->epochs[e].active;
    compare_epoch(&m->epochs[e], &s->epochs[e]);
  }
  laws_check_at_rest(s, live_by_class, live_by_epoch);
  const SlabGlobalStats *g = &s->global;
  CHECK_U64(g->current_epoch, m->current);
  CHECK_U64(g->active_epoch_count, active);
  CHECK_U64(g->refused_sizes, m->refused_sizes);
  CHECK_U64(g->total_invalid_frees + g->unattributed_invalid_frees, m->refused_frees);
  CHECK_U64(g->total_alloc_failures, 0);
  CHECK_U64(g->total_madvise_failures, 0);
  CHECK_U64(g->mmap_failures, 0);
  CHECK_U64(g->epoch_advances, m->advances);
  CHECK_U64(g->epoch_advances_refused, m->advances_refused);
  CHECK_U64(g->epoch_slots_skipped, m->slots_skipped);
  CHECK_U64(g->domain_misuses, m->misuses);
  CHECK_U64(g->label_registry_overflows, m->label_overflows);
  CHECK_U64(g->label_count, m->label_count);
  for (unsigned i = 1; i < m->label_count; i++) CHECK_TEXT(g->labels[i], m->labels[i]);
}
