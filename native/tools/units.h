/* Numbers for people. */
#ifndef TOOLS_UNITS_H
#define TOOLS_UNITS_H

#include <stdint.h>
#include <stdio.h>

typedef struct Units {
  char text[32];
} Units;

/* "0 B", "64 KiB", "13.9 MiB": three significant digits, powers of 1024. */
static inline Units units_bytes(uint64_t bytes) {
  static const char *const suffix[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  Units units;
  double value = (double)bytes;
  unsigned step = 0;
  while (value >= 1023.5 && step < 6) value /= 1024, step++;
  int decimals = step == 0 || value == (double)(uint64_t)value ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0;
  snprintf(units.text, sizeof units.text, "%.*f %s", decimals, value, suffix[step]);
  return units;
}

/* "0 s", "12 s", "3m 20s", "5h 1m", "2d 3h". */
static inline Units units_seconds(uint64_t seconds) {
  Units units;
  if (seconds < 60)
    snprintf(units.text, sizeof units.text, "%u s", (unsigned)seconds);
  else if (seconds < 3600)
    snprintf(units.text, sizeof units.text, "%um %us", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
  else if (seconds < 86400)
    snprintf(units.text, sizeof units.text, "%uh %um", (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60));
  else
    snprintf(units.text, sizeof units.text, "%llud %uh", (unsigned long long)(seconds / 86400), (unsigned)(seconds / 3600 % 24));
  return units;
}

#endif
