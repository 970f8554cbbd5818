/* Ten days of slices of a second: however old, a slice is short for its age, and the youngest stay as they are. And how they are labelled. */
#include "../ageing.h"

#include "check.h"

#define S INT64_C(1000000000)
enum { KEPT = SLAB_EPOCH_COUNT - 3 };

static void ages_well(int64_t slice_ns, long steps) {
  Span spans[KEPT + 1];
  uint32_t count = 0;
  for (long step = 1; step <= steps; step++) {
    int64_t now = step * slice_ns;
    spans[count++] = (Span){now - slice_ns, now};
    if (count <= KEPT) continue;
    uint32_t i = ageing_pick(spans, count, now);
    CHECK(i + 1 < count);
    spans[i].to_ns = spans[i + 1].to_ns;
    memmove(&spans[i + 1], &spans[i + 2], (--count - i - 1) * sizeof *spans);
    CHECK(spans[0].from_ns == 0 && spans[count - 1].to_ns == now);
    for (uint32_t k = 0; k < count; k++) {
      if (k) CHECK(spans[k].from_ns == spans[k - 1].to_ns); /* nothing lost */
      int64_t length = spans[k].to_ns - spans[k].from_ns, age = now - spans[k].to_ns;
      if (k + AGEING_FINE >= count) CHECK(length == slice_ns);
      /* Nine spans that grow by a constant ratio from 1 to N: N^(1/9) = 4.6 for a million; merging in whole pairs makes it up to thrice that. */
      if (k > 0) CHECK(length <= 14 * (age + slice_ns));
    }
  }
}

static void is_labelled(int64_t from_s, int64_t to_s, SpanFormat format, const char *expected) {
  char label[SLAB_LABEL_BYTES];
  span_label((Span){from_s * S / 1000, to_s * S / 1000}, to_s != 0, &format, label);
  if (strcmp(label, expected) != 0) fprintf(stderr, "%s, expected %s\n", label, expected);
  CHECK(strcmp(label, expected) == 0);
}

int main(void) {
  ages_well(S, 10 * 86400);
  ages_well(S / 100, 200000);
  int64_t noon = INT64_C(1763899387000); /* 2025-11-23T12:03:07Z, in ms */
  SpanFormat utc = {.is_utc = true, .first_day = span_day(noon / 1000 * S, 0)};
  SpanFormat local = utc, fine = utc;
  local.is_utc = false;
  local.utc_offset_ns = -210 * 60 * S;
  fine.with_ms = true;
  is_labelled(noon, 0, utc, "12:03:07Z");
  is_labelled(noon, noon + 8000, utc, "12:03:07-12:03:15Z");
  is_labelled(noon, 0, local, "08:33:07");
  is_labelled(noon + 250, 0, fine, "12:03:07.250Z");
  is_labelled(noon + 250, noon + 900, fine, "12:03:07.250-12:03:07.900Z");
  is_labelled(noon + 250, noon + 19900, fine, "12:03:07-12:03:26Z");
  is_labelled(noon, noon + 86400000, utc, "11-23 12:03:07-11-24 12:03:07Z");
  is_labelled(noon + 86400000 * INT64_C(97), 0, fine, "02-28 12:03:07Z");
  is_labelled(INT64_C(1709164800000), 0, utc, "02-29 00:00:00Z"); /* 2024 */
  is_labelled(0, 0, utc, "01-01 00:00:00Z");
  is_labelled(-1000, 0, local, "12-31 20:29:59");
  return 0;
}
