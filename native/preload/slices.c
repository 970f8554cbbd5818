#include "slices.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ageing.h"
#include "allocator.h"
#include "epoch.h"
#include "guard.h"
#include "os.h"

#define NS_PER_MS INT64_C(1000000)

/* Closed slices that are kept: with the one in use, the one being opened and one to spare they fill the ring. */
#define SLICES_KEPT (SLAB_EPOCH_COUNT - 3)

/* A busy thread looks at the clock once in so many allocations; one that allocates now and then, at each. */
#define LOOK_STRIDE_MAX 32u

typedef struct Slice {
  EpochId epoch;
  Span span;
} Slice;

_Atomic EpochId slice_epoch;
_Thread_local uint32_t slice_countdown = 1;
static _Thread_local uint32_t stride = 1;
static _Thread_local uint64_t looked_ns;

static SlabAllocator *alloc;
static int64_t slice_ns;
static SpanFormat format;

/* CLOCK_MONOTONIC. Set last when slices are turned on: who sees another value sees the rest. */
#define OFF UINT64_MAX
static _Atomic uint64_t slice_ends_ns = OFF;

/* Taken with trylock, except by fork. */
static pthread_mutex_t slices_lock = PTHREAD_MUTEX_INITIALIZER;
static Slice current;
static Slice closed[SLICES_KEPT + 1];   /* oldest first */
static uint32_t closed_count;

/* ---- all under slices_lock ---- */

static void name(Slice slice, bool is_range) {
  char label[SLAB_LABEL_BYTES];
  span_label(slice.span, is_range, &format, label);
  epoch_set_passing_label(alloc, slice.epoch, label);
}

static void remove_closed(uint32_t i) {
  closed_count--;
  memmove(&closed[i], &closed[i + 1], (closed_count - i) * sizeof *closed);
}

/* Nothing is left of them, and the ring may use their slots. */
static void forget_drained(void) {
  for (uint32_t i = closed_count; i-- > 0;)
    if (load_acquire(&alloc->slabs_in_epoch[closed[i].epoch]) == 0) remove_closed(i);
}

/* Keeps two neighbours together, as the older of them. False when that is not possible now. */
static bool merge_two(int64_t now_ns) {
  Span spans[SLICES_KEPT + 1];
  if (closed_count < 2) return false;
  for (uint32_t i = 0; i < closed_count; i++) spans[i] = closed[i].span;
  uint32_t older = ageing_pick(spans, closed_count, now_ns);
  if (epoch_merge(alloc, closed[older + 1].epoch, closed[older].epoch) != SLAB_OK) return false;
  closed[older].span.to_ns = closed[older + 1].span.to_ns;
  remove_closed(older + 1);
  name(closed[older], true);
  return true;
}

/* Slices begin at whole multiples of their length on the wall clock. */
static void begin(EpochId epoch, int64_t now_ns, uint64_t monotonic_ns) {
  int64_t since = (now_ns + format.utc_offset_ns) % slice_ns;
  current = (Slice){epoch, {now_ns - since, 0}};
  name(current, false);
  store_release(&slice_epoch, epoch);
  store_release(&slice_ends_ns, monotonic_ns + (uint64_t)(slice_ns - since));
}

static void end_current(int64_t now_ns) {
  epoch_close(alloc, current.epoch);
  current.span.to_ns = current.span.from_ns + slice_ns;
  /* Nobody had looked at the clock for a while; what was allocated then may be of any time until now. */
  bool is_range = now_ns >= current.span.to_ns + slice_ns;
  if (is_range) current.span.to_ns = now_ns;
  if (is_range) name(current, true);
  closed[closed_count++] = current;
}

static void change(uint64_t monotonic_ns) {
  int64_t now_ns = (int64_t)os_realtime_coarse_ns();
  forget_drained();
  if (closed_count > SLICES_KEPT && !merge_two(now_ns)) goto later;
  EpochId opened = epoch_advance(alloc);
  if (opened == EPOCH_INVALID) goto later;
  end_current(now_ns);
  begin(opened, now_ns, monotonic_ns);
  forget_drained();
  if (closed_count > SLICES_KEPT) merge_two(now_ns);
  return;
later: /* the slice that is open gets longer */
  store_relaxed(&slice_ends_ns, monotonic_ns + (uint64_t)slice_ns);
}

/* ---- */

void slices_look(void) {
  uint64_t ends = load_acquire(&slice_ends_ns);
  if (ends == OFF) {
    slice_countdown = 1u << 20;
    return;
  }
  uint64_t now = os_monotonic_coarse_ns();
  bool is_seldom = now - looked_ns > (uint64_t)slice_ns / 8;
  stride = is_seldom ? 1 : stride < LOOK_STRIDE_MAX ? stride * 2 : stride;
  looked_ns = now;
  slice_countdown = stride;
  if (likely(now < ends) || guarded) return;
  Guard guard = guard_enter();
  if (pthread_mutex_trylock(&slices_lock) == 0) {
    if (now >= load_relaxed(&slice_ends_ns)) change(now);
    pthread_mutex_unlock(&slices_lock);
  }
  guard_leave(guard);
}

/* A fork waits for a change of slice in another thread to finish; the child goes on with slices of its own. Not for one in this thread: then a signal
 * handler forks. */
static void before_fork(void) {
  if (!guarded) pthread_mutex_lock(&slices_lock);
}
static void after_fork(void) {
  if (!guarded) pthread_mutex_unlock(&slices_lock);
}

/* "500ms" in ns; 0 for everything else. */
static int64_t read_slice(const char *text) {
  static const struct {
    const char *name;
    int64_t ns;
  } units[] = {{"ms", NS_PER_MS}, {"s", 1000 * NS_PER_MS}, {"m", 60000 * NS_PER_MS}, {"h", 3600000 * NS_PER_MS}};
  const int64_t least = 10 * NS_PER_MS, most = 24 * 3600000 * NS_PER_MS;
  int64_t number = 0;
  const char *p = text;
  for (; *p >= '0' && *p <= '9' && number <= most / NS_PER_MS; p++) number = number * 10 + (*p - '0');
  for (size_t i = 0; p > text && i < sizeof units / sizeof *units; i++)
    if (strcmp(p, units[i].name) == 0 && number <= most / units[i].ns && number * units[i].ns >= least) return number * units[i].ns;
  return 0;
}

/* Minutes east of UTC, as "-210"; false for everything beyond a day. */
static bool read_offset(const char *text, int64_t *out_ns) {
  char *end;
  if (!text || !text[0]) return false;
  long minutes = strtol(text, &end, 10);
  if (*end || minutes < -1439 || minutes > 1439) return false;
  *out_ns = minutes * 60000 * NS_PER_MS;
  return true;
}

void slices_start(SlabAllocator *of) {
  alloc = of;
  const char *setting = secure_getenv("TSLAB_EPOCH");
  int64_t length_ns = setting ? read_slice(setting) : 0;
  if (length_ns == 0 || pthread_atfork(before_fork, after_fork, after_fork) != 0) return;
  int64_t now_ns = (int64_t)os_realtime_coarse_ns();
  slice_ns = length_ns;
  slice_countdown = 1;
  format.is_utc = !read_offset(secure_getenv("TSLAB_UTC_OFFSET"), &format.utc_offset_ns);
  format.with_ms = length_ns % (1000 * NS_PER_MS) != 0;
  format.first_day = span_day(now_ns, format.utc_offset_ns);
  begin(epoch_current(of), now_ns, os_monotonic_coarse_ns());
}
