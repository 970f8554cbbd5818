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

/* A call to the library with whatever it takes and gives, so that it can be made on another thread. */
typedef struct Call {
  void (*make)(struct Call *);
  size_t size;
  EpochId epoch;
  bool flag; /* by handle; auto_close */
  void *at;
  SlabHandle handle;
  epoch_domain_t *domain;
  SlabResult (*on_domain)(epoch_domain_t *);
  SlabResult (*on_epoch)(SlabAllocator *, EpochId);
  const char *text;
  SlabResult result;
  bool freed;
} Call;

static void make_task(void *argument) {
  Call *call = argument;
  call->make(call);
}

static void make_on(int actor, Call *call) {
  if (actor == 0) {
    call->make(call);
    return;
  }
  if (!started[actor]) actor_start(&actors[actor]);
  started[actor] = true;
  actor_call(&actors[actor], make_task, call);
}

static void call_alloc(Call *c) {
  c->at = c->flag ? alloc_obj_epoch(alloc, (uint32_t)c->size, c->epoch, &c->handle) : slab_malloc_epoch(alloc, c->size, c->epoch);
}
static void call_free(Call *c) { c->freed = c->flag ? free_obj(alloc, c->handle) : slab_free(alloc, c->at); }
static void call_advance(Call *c) { c->epoch = epoch_advance(alloc); }
static void call_on_epoch(Call *c) { c->result = c->on_epoch(alloc, c->epoch); }
static void call_label(Call *c) { c->result = slab_epoch_set_label(alloc, c->epoch, c->text); }
static void call_create(Call *c) { c->domain = epoch_domain_create(alloc); }
static void call_wrap(Call *c) { c->domain = epoch_domain_wrap(alloc, c->epoch, c->flag); }
static void call_on_domain(Call *c) { c->result = c->on_domain(c->domain); }
static void call_current(Call *c) { c->domain = epoch_domain_current(); }

/* ---- objects ---- */

static void op_alloc(int actor, size_t size, EpochId epoch, bool by_handle) {
  if (model.object_count == MODEL_OBJECTS) return;
  bool expected = model_may_alloc(&model, size, epoch);
  Call call = {.make = call_alloc, .size = size, .epoch = epoch, .flag = by_handle, .handle = 7};
  make_on(actor, &call);
  CHECK_U64(call.at != NULL, expected);
  if (by_handle) CHECK_U64(call.handle != 0, expected);
  if (!call.at || !expected) return;
  CHECK_U64((uintptr_t)call.at % 16, 0);
  CHECK(slab_usable_size(call.at) >= size);
  CHECK(model_by_address(&model, call.at) < 0);
  if (by_handle) CHECK(model_by_handle(&model, call.handle) < 0);
  payload_stamp(call.at, size, (uintptr_t)call.at);
  model_alloc(&model, call.at, by_handle ? call.handle : 0, size, epoch);
}

/* Of a live object, a dead one, or anything: the model knows which. */
static void op_free(int actor, bool by_handle, SlabHandle handle, void *at) {
  int index = by_handle ? model_by_handle(&model, handle) : model_by_address(&model, at);
  if (index >= 0) {
    const ModelObject *object = &model.objects[index];
    CHECK(payload_intact(object->at, object->size, (uintptr_t)object->at));
  }
  Call call = {.make = call_free, .flag = by_handle, .handle = handle, .at = at};
  make_on(actor, &call);
  if (!by_handle && !at) {
    CHECK(call.freed);
    return;
  }
  CHECK_U64(call.freed, index >= 0);
  if (index >= 0)
    model_free(&model, index);
  else
    model.refused_frees++;
}

static void op_free_live(int actor, unsigned which) {
  if (!model.object_count) return;
  const ModelObject *object = &model.objects[which % model.object_count];
  op_free(actor, object->handle != 0 && (which & 1), object->handle, object->at);
}

/* Objects made without a handle have one all the same, which the model does not know: a forged handle must not be taken
 * for wrong when it meets one. So forged handles are only near those that are known to be dead. */
static void op_forged(int actor, Input *in) {
  uint32_t kind = take8(in);
  if (kind & 1) {
    SlabHandle handle = kind & 2 ? take64(in) : model.deaths ? model.dead[take8(in) % (model.deaths < MODEL_DEAD ? model.deaths : MODEL_DEAD)] : 0;
    op_free(actor, true, handle, NULL);
  } else {
    const ModelObject *object = model.object_count ? &model.objects[take16(in) % model.object_count] : NULL;
    uint64_t offset = kind & 2 ? take64(in) : take16(in);
    op_free(actor, false, 0, object && !(kind & 4) ? (char *)object->at + offset : (void *)(uintptr_t)offset);
  }
}

/* ---- epochs, labels, domains ---- */

static void op_advance(int actor) {
  EpochId expected = model_advance(&model);
  Call call = {.make = call_advance};
  make_on(actor, &call);
  CHECK_U64(call.epoch, expected);
}

static void op_on_epoch(int actor, EpochId epoch, SlabResult (*real)(SlabAllocator *, EpochId), SlabResult (*shadow)(Model *, EpochId)) {
  SlabResult expected = shadow(&model, epoch);
  Call call = {.make = call_on_epoch, .epoch = epoch, .on_epoch = real};
  make_on(actor, &call);
  CHECK_RESULT(call.result, expected);
}

static void op_label(int actor, EpochId epoch, Input *in) {
  char text[64];
  uint32_t length = take8(in) % sizeof text;
  for (uint32_t i = 0; i < length; i++) text[i] = (char)take8(in);
  text[length] = 0;
  const char *given = length == sizeof text - 1 ? NULL : text;
  SlabResult expected = model_set_label(&model, epoch, given);
  Call call = {.make = call_label, .epoch = epoch, .text = given};
  make_on(actor, &call);
  CHECK_RESULT(call.result, expected);
}

/* Short names, so that the registry fills and its ids are met again. */
static void op_plain_label(int actor, EpochId epoch, uint32_t number) {
  char text[] = {'n', (char)('a' + number % 20), 0};
  SlabResult expected = model_set_label(&model, epoch, text);
  Call call = {.make = call_label, .epoch = epoch, .text = text};
  make_on(actor, &call);
  CHECK_RESULT(call.result, expected);
}

static void op_domain_make(int actor, bool creates, EpochId epoch, bool auto_close) {
  int index = 0;
  while (index < MODEL_DOMAINS && model.domains[index].domain) index++;
  if (index == MODEL_DOMAINS) return;
  if (creates) epoch = model_advance(&model), auto_close = true;
  bool expected = model_may_wrap(&model, epoch);
  Call call = {.make = creates ? call_create : call_wrap, .epoch = epoch, .flag = auto_close};
  make_on(actor, &call);
  CHECK_U64(call.domain != NULL, expected);
  if (!call.domain || !expected) return;
  CHECK_U64(epoch_domain_epoch(call.domain), epoch);
  model_wrap(&model, index, call.domain, epoch, auto_close);
}

static void op_on_domain(int actor, uint32_t which, uint32_t what) {
  int index = -1;
  for (int i = 0; i < MODEL_DOMAINS && index < 0; i++)
    if (model.domains[(which + (uint32_t)i) % MODEL_DOMAINS].domain) index = (int)((which + (uint32_t)i) % MODEL_DOMAINS);
  if (index < 0) return;
  if (what == 1 && (which & 0x80) && model.depths[actor]) index = model.stacks[actor][model.depths[actor] - 1]; /* mostly the right one */
  Call call = {.make = call_on_domain, .domain = model.domains[index].domain};
  SlabResult expected = SLAB_OK;
  switch (what) {
    case 0: expected = model_enter(&model, index, actor), call.on_domain = epoch_domain_enter; break;
    case 1: expected = model_exit(&model, index, actor), call.on_domain = epoch_domain_exit; break;
    case 2: expected = model_destroy(&model, index), call.on_domain = epoch_domain_destroy; break;
    default: expected = model_force_close(&model, index), call.on_domain = epoch_domain_force_close; break;
  }
  make_on(actor, &call);
  CHECK_RESULT(call.result, expected);
  Call current = {.make = call_current};
  make_on(actor, &current);
  int depth = model.depths[actor];
  CHECK(current.domain == (depth ? model.domains[model.stacks[actor][depth - 1]].domain : NULL));
}

/* ---- the whole ---- */

static void compare(void) {
  previous = snapshot;
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  model_compare(&model, &snapshot);
  if (previous.global.instance == snapshot.global.instance) laws_check_monotonic(&previous, &snapshot);
}

static void op_actor_ends(int actor) {
  if (!started[actor]) return;
  actor_stop(&actors[actor]);
  started[actor] = false;
  model_actor_ended(&model, actor);
}

static void step(Input *in) {
  uint32_t op = take8(in), actor_and_epoch = take8(in);
  int actor = (int)(actor_and_epoch >> 5) % MODEL_ACTORS;
  EpochId epoch = actor_and_epoch & 31;
  if (epoch > SLAB_EPOCH_COUNT) epoch = model.current; /* half of them; SLAB_EPOCH_COUNT itself is out of the ring */
  switch (op % 24) {
    case 0: case 1: case 2: case 3: op_alloc(actor, take16(in) % 800, epoch, op & 32); break;
    case 4: case 5: { /* a run of one size: fills slabs */
      uint32_t count = take8(in), size = take16(in) % 769;
      for (uint32_t i = 0; i < count; i++) op_alloc(actor, size, epoch, op & 32);
      break;
    }
    case 6: case 7: case 8: op_free_live(actor, take16(in)); break;
    case 9: case 10: { /* empties slabs */
      uint32_t count = take8(in), first = take16(in);
      for (uint32_t i = 0; i < count; i++) op_free_live(actor, first + i * (op & 32 ? 2 : 1));
      break;
    }
    case 11: case 12: op_forged(actor, in); break;
    case 13: op_advance(actor); break;
    case 14: op_on_epoch(actor, epoch, epoch_close, model_close); break;
    case 15: if (op & 32) op_label(actor, epoch, in); else op_plain_label(actor, epoch, take8(in)); break;
    case 16: op_on_epoch(actor, epoch, slab_epoch_inc_refcount, model_inc); break;
    case 17: op_on_epoch(actor, epoch, slab_epoch_dec_refcount, model_dec); break;
    case 18: op_domain_make(actor, op & 32, epoch, op & 64); break;
    case 19: op_on_domain(actor, take8(in), 0); break;
    case 20: op_on_domain(actor, take8(in), 1); break;
    case 21: op_on_domain(actor, take8(in), 2 + (op >> 5 & 1)); break;
    case 22: if (op & 32 && actor) op_actor_ends(actor); break;
    default: compare(); break;
  }
}

/* Everybody leaves what can still be left, everything is freed, everything closed: and the numbers say so. */
static void wind_up(void) {
  for (int actor = 0; actor < MODEL_ACTORS; actor++)
    while (model.depths[actor]) {
      int index = model.stacks[actor][model.depths[actor] - 1];
      SlabResult expected = model_exit(&model, index, actor);
      Call call = {.make = call_on_domain, .domain = model.domains[index].domain, .on_domain = epoch_domain_exit};
      make_on(actor, &call);
      CHECK_RESULT(call.result, expected);
    }
  while (model.object_count) op_free_live((int)(model.object_count % MODEL_ACTORS), model.object_count * 7);
  compare();
  for (EpochId e = 0; e < SLAB_EPOCH_COUNT; e++) op_on_epoch(0, e, epoch_close, model_close);
  compare();
  CHECK_U64(snapshot.global.net_slabs, 0);
  for (int i = 0; i < MODEL_DOMAINS; i++)
    if (model.domains[i].domain && !model.domains[i].depth) CHECK_RESULT(epoch_domain_destroy(model.domains[i].domain), SLAB_OK);
  for (int actor = 1; actor < MODEL_ACTORS; actor++) op_actor_ends(actor);
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
  for (int actor = 1; actor < MODEL_ACTORS; actor++) op_actor_ends(actor);
  slab_allocator_free(alloc);
  return count;
}
