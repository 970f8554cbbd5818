/* What becomes of old slices. Pure: times in, decisions out. */
#ifndef PRELOAD_AGEING_H
#define PRELOAD_AGEING_H

#include <stdbool.h>
#include <stdint.h>

#include "temporal_slab_stats.h"

/* Time covered, CLOCK_REALTIME in ns; to is exclusive. */
typedef struct Span {
  int64_t from_ns, to_ns;
} Span;

/* So many of the youngest are never kept together with another, unless there are hardly more. */
#define AGEING_FINE 4

/* The pair of neighbours to keep together from now on: index of its older one. spans: oldest first, count >= 2. The pair that is shortest
 * for its age is taken, so that spans grow with age in about the same ratio everywhere. */
uint32_t ageing_pick(const Span *spans, uint32_t count, int64_t now_ns);

/* How spans are written. */
typedef struct SpanFormat {
  int64_t utc_offset_ns;
  bool is_utc;          /* nobody told the offset: times end in Z */
  bool with_ms;         /* slices are shorter than a second */
  int64_t first_day;    /* days since 1970 on which no date is written: the day the program began */
} SpanFormat;

/* "12:03:07"; "12:03:07-12:03:15" when is_range; with ms, or "11-23 " before each time when it is not the first day. */
void span_label(Span span, bool is_range, const SpanFormat *format, char label[SLAB_LABEL_BYTES]);

int64_t span_day(int64_t realtime_ns, int64_t utc_offset_ns);

#endif
