#include "ageing.h"

#include <stdio.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define S_PER_DAY INT64_C(86400)

uint32_t ageing_pick(const Span *spans, uint32_t count, int64_t now_ns) {
  uint32_t best = 0, older = count > AGEING_FINE + 2 ? count - AGEING_FINE : 2;
  double best_ratio = 0;
  for (uint32_t i = 0; i + 1 < older; i++) {
    double length = (double)(spans[i + 1].to_ns - spans[i].from_ns), age = (double)(now_ns - spans[i + 1].from_ns);
    /* A clock that was set back makes ages and lengths of 0 and below: such pairs count as young. */
    double ratio = age > 0 && length > 0 ? length / age : 1e300;
    if (i == 0 || ratio < best_ratio) {
      best = i;
      best_ratio = ratio;
    }
  }
  return best;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t span_day(int64_t realtime_ns, int64_t utc_offset_ns) { return floor_div(realtime_ns + utc_offset_ns, NS_PER_S * S_PER_DAY); }

/* Month and day of a day since 1970 in the Gregorian calendar (H. Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days). The C library's
 * functions take the time zone's lock, which whoever called malloc may hold. */
static void civil(int64_t day, unsigned *month, unsigned *day_of_month) {
  int64_t z = day + 719468;
  unsigned day_of_era = (unsigned)(z - floor_div(z, 146097) * 146097);
  unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  unsigned shifted = (5 * day_of_year + 2) / 153; /* 0 = March */
  *day_of_month = day_of_year - (153 * shifted + 2) / 5 + 1;
  *month = shifted < 10 ? shifted + 3 : shifted - 9;
}

static int write_time(char *out, size_t room, int64_t realtime_ns, const SpanFormat *format, bool with_date, bool with_ms) {
  int64_t local = realtime_ns + format->utc_offset_ns, day = span_day(realtime_ns, format->utc_offset_ns);
  int64_t of_day = local - day * S_PER_DAY * NS_PER_S;
  unsigned second = (unsigned)(of_day / NS_PER_S), month, day_of_month;
  int n = 0;
  if (with_date) {
    civil(day, &month, &day_of_month);
    n += snprintf(out, room, "%02u-%02u ", month % 100, day_of_month % 100);
  }
  n += snprintf(out + n, room - (size_t)n, "%02u:%02u:%02u", second / 3600 % 100, second / 60 % 60, second % 60);
  if (with_ms) n += snprintf(out + n, room - (size_t)n, ".%03u", (unsigned)(of_day / NS_PER_MS % 1000));
  return n;
}

void span_label(Span span, bool is_range, const SpanFormat *format, char label[SLAB_LABEL_BYTES]) {
  bool with_date = span_day(span.from_ns, format->utc_offset_ns) != format->first_day ||
                   (is_range && span_day(span.to_ns, format->utc_offset_ns) != format->first_day);
  bool with_ms = format->with_ms && !with_date && (!is_range || span.to_ns - span.from_ns < 10 * NS_PER_S);
  int n = write_time(label, SLAB_LABEL_BYTES, span.from_ns, format, with_date, with_ms);
  if (is_range) {
    label[n++] = '-';
    n += write_time(label + n, SLAB_LABEL_BYTES - (size_t)n, span.to_ns, format, with_date, with_ms);
  }
  if (format->is_utc) label[n++] = 'Z';
  label[n] = 0;
}
