#include "ops.h"

#include <string.h>

#include "actor.h"
#include "check.h"
#include "laws.h"
#include "model.h"
#include "payload.h"

/* One run at a time; actor 0 is the calling thread, the others are threads that start at their first operation. */
static Model model;
static SlabAllocator *alloc;
static SlabSnapshot snapshot, previous;
static Actor actors[MODEL_ACTORS];
static bool started[MODEL_ACTORS];
/* Domains whose thread ended inside can be neither left nor destroyed; kept in sight of leak checkers. */
enum { LEFT_BEHIND_MAX = 1 << 16 };
static epoch_domain_t *left_behind[LEFT_BEHIND_MAX];
static unsigned left_behind_count;

typedef struct Input {
  const uint8_t *at, *end;
} Input;

/* 0 after the end. */
static uint32_t take8(Input *in) { return in->at < in->end ? *in->at++ : 0; }
static uint32_t take16(Input *in) {
  uint32_t low = take8(in);
  return low | take8(in) << 8;
}
static uint64_t take64(Input *in) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value |= (uint64_t)take8(in) << (8 * i);
  return value;
}

/* ---- objects ---- */

static void op_alloc(size_t size, EpochId epoch, bool by_handle) {
  if (model.object_count == MODEL_OBJECTS) return;
  bool expected = model_may_alloc(&model, size, epoch);
  SlabHandle handle = 7;
  void *at = by_handle ? alloc_obj_epoch(alloc, (uint32_t)size, epoch, &handle) : slab_malloc_epoch(alloc, size, epoch);
  CHECK_U64(at != NULL, expected);
  if (by_handle) CHECK_U64(handle != 0, expected);
  if (!at || !expected) return;
  CHECK_U64((uintptr_t)at % 16, 0);
  CHECK(slab_usable_size(at) >= size);
  CHECK(model_by_address(&model, at) < 0);
  if (by_handle) CHECK(model_by_handle(&model, handle) < 0);
  payload_stamp(at, size, (uintptr_t)at);
  model_alloc(&model, at, by_handle ? handle : 0, size, epoch);
}

/* Of a live object, a dead one, or anything: the model knows which. */
static void op_free(bool by_handle, SlabHandle handle, void *at) {
  int index = by_handle ? model_by_handle(&model, handle) : model_by_address(&model, at);
  if (index >= 0) {
    const ModelObject *object = &model.objects[index];
    CHECK(payload_intact(object->at, object->size, (uintptr_t)object->at));
  }
  bool freed = by_handle ? free_obj(alloc, handle) : slab_free(alloc, at);
  if (!by_handle && !at) {
    CHECK(freed);
    return;
  }
  CHECK_U64(freed, index >= 0);
  if (index >= 0)
    model_free(&model, index);
  else
    model.refused_frees++;
}

static void op_free_live(unsigned which) {
  if (!model.object_count) return;
  const ModelObject *object = &model.objects[which % model.object_count];
  op_free(object->handle != 0 && (which & 1), object->handle, object->at);
}

/* Objects made without a handle have one all the same, which the model does not know: a forged handle must not be taken
 * for wrong when it meets one. So forged handles are only near those that are known to be dead. */
static void op_forged(Input *in) {
  uint32_t kind = take8(in);
  if (kind & 1) {
    SlabHandle handle = kind & 2 ? take64(in) : model.deaths ? model.dead[take8(in) % (model.deaths < MODEL_DEAD ? model.deaths : MODEL_DEAD)] : 0;
    op_free(true, handle, NULL);
  } else {
    const ModelObject *object = model.object_count ? &model.objects[take16(in) % model.object_count] : NULL;
    uint64_t offset = kind & 2 ? take64(in) : take16(in);
    op_free(false, 0, (void *)((object && !(kind & 4) ? (uintptr_t)object->at : 0) + (uintptr_t)offset));
  }
}

/* ---- epochs, labels, domains ---- */

static void op_advance(void) {
  EpochId expected = model_advance(&model);
  CHECK_U64(epoch_advance(alloc), expected);
}

static void op_on_epoch(EpochId epoch, SlabResult (*real)(SlabAllocator *, EpochId), SlabResult (*shadow)(Model *, EpochId)) {
  SlabResult expected = shadow(&model, epoch);
  CHECK_RESULT(real(alloc, epoch), expected);
}

static void op_label(EpochId epoch, Input *in) {
  char text[64];
  uint32_t length = take8(in) % sizeof text;
  for (uint32_t i = 0; i < length; i++) text[i] = (char)take8(in);
  text[length] = 0;
  const char *given = length == sizeof text - 1 ? NULL : text;
  SlabResult expected = model_set_label(&model, epoch, given);
  CHECK_RESULT(slab_epoch_set_label(alloc, epoch, given), expected);
}

static void op_merge(EpochId from, EpochId into) {
  SlabResult expected = model_merge(&model, from, into);
  CHECK_RESULT(epoch_merge(alloc, from, into), expected);
}

/* Short names, so that the registry fills and its ids are met again. */
static void op_plain_label(EpochId epoch, uint32_t number) {
  char text[] = {'n', (char)('a' + number % 20), 0};
  SlabResult expected = model_set_label(&model, epoch, text);
  CHECK_RESULT(slab_epoch_set_label(alloc, epoch, text), expected);
}

static void op_domain_make(bool creates, EpochId epoch, bool auto_close) {
  int index = 0;
  while (index < MODEL_DOMAINS && model.domains[index].domain) index++;
  if (index == MODEL_DOMAINS) return;
  if (creates) epoch = model_advance(&model), auto_close = true;
  bool expected = model_may_wrap(&model, epoch);
  epoch_domain_t *domain = creates ? epoch_domain_create(alloc) : epoch_domain_wrap(alloc, epoch, auto_close);
  CHECK_U64(domain != NULL, expected);
  if (!domain || !expected) return;
  CHECK_U64(epoch_domain_epoch(domain), epoch);
  model_wrap(&model, index, domain, epoch, auto_close);
}

static void op_on_domain(int actor, uint32_t which, uint32_t what) {
  int index = -1;
  for (int i = 0; i < MODEL_DOMAINS && index < 0; i++)
    if (model.domains[(which + (uint32_t)i) % MODEL_DOMAINS].domain) index = (int)((which + (uint32_t)i) % MODEL_DOMAINS);
  if (index < 0) return;
  if (what == 1 && (which & 0x80) && model.depths[actor]) index = model.stacks[actor][model.depths[actor] - 1]; /* mostly the right one */
  static SlabResult (*const real[])(epoch_domain_t *) = {epoch_domain_enter, epoch_domain_exit, epoch_domain_destroy, epoch_domain_force_close};
  epoch_domain_t *domain = model.domains[index].domain;
  SlabResult expected = what == 0   ? model_enter(&model, index, actor)
                        : what == 1 ? model_exit(&model, index, actor)
                        : what == 2 ? model_destroy(&model, index)
                                    : model_force_close(&model, index);
  CHECK_RESULT(real[what](domain), expected);
  int depth = model.depths[actor];
  CHECK(epoch_domain_current() == (depth ? model.domains[model.stacks[actor][depth - 1]].domain : NULL));
}

/* ---- the whole ---- */

static void compare(void) {
  previous = snapshot;
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  model_compare(&model, &snapshot);
  if (previous.global.instance == snapshot.global.instance) laws_check_monotonic(&previous, &snapshot);
}

/* One operation, carried out on the actor's thread as a whole: the model needs no lock, as only one thread runs at a time. */
typedef struct Step {
  Input *in;
  uint32_t op;
  int actor;
  EpochId epoch;
} Step;

static void play_step(void *argument) {
  const Step *s = argument;
  Input *in = s->in;
  bool variant = s->op & 32;
  switch (s->op % 24) {
    case 0: case 1: case 2: case 3: op_alloc(take16(in) % 800, s->epoch, variant); break;
    case 4: case 5: { /* a run of one size: fills slabs */
      uint32_t count = take8(in), size = take16(in) % 769;
      for (uint32_t i = 0; i < count; i++) op_alloc(size, s->epoch, variant);
      break;
    }
    case 6: case 7: case 8: op_free_live(take16(in)); break;
    case 9: case 10: { /* empties slabs */
      uint32_t count = take8(in), first = take16(in);
      for (uint32_t i = 0; i < count; i++) op_free_live(first + i * (variant ? 2 : 1));
      break;
    }
    case 11: case 12: op_forged(in); break;
    case 13: op_advance(); break;
    case 14:
      if (s->op & 128) op_merge(s->epoch, take8(in) % (SLAB_EPOCH_COUNT + 1));
      else op_on_epoch(s->epoch, epoch_close, model_close);
      break;
    case 15: if (variant) op_label(s->epoch, in); else op_plain_label(s->epoch, take8(in)); break;
    case 16: op_on_epoch(s->epoch, slab_epoch_inc_refcount, model_inc); break;
    case 17: op_on_epoch(s->epoch, slab_epoch_dec_refcount, model_dec); break;
    case 18: op_domain_make(variant, s->epoch, s->op & 64); break;
    case 19: op_on_domain(s->actor, take8(in), 0); break;
    case 20: case 21: op_on_domain(s->actor, take8(in), 1); break;
    case 22: op_on_domain(s->actor, take8(in), 2 + variant); break;
    default: compare(); break;
  }
}

/* At the end: leaves what this actor can still leave, frees its third of what is left. */
static void play_end(void *argument) {
  const Step *s = argument;
  while (model.depths[s->actor]) {
    int index = model.stacks[s->actor][model.depths[s->actor] - 1];
    epoch_domain_t *domain = model.domains[index].domain;
    SlabResult expected = model_exit(&model, index, s->actor);
    CHECK_RESULT(epoch_domain_exit(domain), expected);
  }
  unsigned keep = model.object_count * (unsigned)(MODEL_ACTORS - 1 - s->actor) / MODEL_ACTORS;
  while (model.object_count > keep) op_free_live(model.object_count * 7);
}

static void on_actor(void (*task)(void *), Step *s) {
  if (s->actor == 0) {
    task(s);
    return;
  }
  if (!started[s->actor]) actor_start(&actors[s->actor]);
  started[s->actor] = true;
  actor_call(&actors[s->actor], task, s);
}

static void actor_ends(int actor) {
  if (!started[actor]) return;
  actor_stop(&actors[actor]);
  started[actor] = false;
  model_actor_ended(&model, actor);
}

static void step(Input *in) {
  uint32_t op = take8(in), who = take8(in);
  Step s = {in, op, (int)(who >> 5) % MODEL_ACTORS, who & 31};
  if (s.epoch > SLAB_EPOCH_COUNT) s.epoch = model.current; /* half of them; SLAB_EPOCH_COUNT itself is out of the ring */
  if (op == 255 || op == 254) {
    actor_ends(1 + (int)(op & 1));
  } else {
    on_actor(play_step, &s);
  }
}

/* Everything is freed, everything closed: and the numbers say so. */
static void wind_up(void) {
  for (int actor = 0; actor < MODEL_ACTORS; actor++) on_actor(play_end, &(Step){.actor = actor});
  compare();
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++) op_on_epoch(e, epoch_close, model_close);
  compare();
  CHECK_U64(snapshot.global.net_slabs, 0);
  for (int i = 0; i < MODEL_DOMAINS; i++)
    if (model.domains[i].domain && !model.domains[i].depth)
      CHECK_RESULT(epoch_domain_destroy(model.domains[i].domain), SLAB_OK);
    else
      left_behind[left_behind_count++ % LEFT_BEHIND_MAX] = model.domains[i].domain;
}

uint64_t ops_play(const uint8_t *input, size_t bytes) {
  Input in = {input, input + bytes};
  model_begin(&model);
  memset(&snapshot, 0, sizeof snapshot);
  alloc = slab_allocator_create();
  if (!CHECK(alloc != NULL)) return 0;
  uint64_t count = 0;
  while (in.at < in.end && !check_failures()) {
    step(&in);
    if (++count % 64 == 0) compare();
  }
  if (!check_failures()) wind_up();
  for (int actor = 1; actor < MODEL_ACTORS; actor++) actor_ends(actor);
  slab_allocator_free(alloc);
  return count;
}
