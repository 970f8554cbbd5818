#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define LAG_MOST 10000000

bool value_count(const char *text, uint64_t least, uint64_t most, uint64_t *out) {
  if (!*text || strspn(text, "0123456789") != strlen(text)) return false;
  errno = 0;
  unsigned long long value = strtoull(text, NULL, 10);
  if (errno || value < least || value > most) return false;
  *out = value;
  return true;
}

/* Digits with at most one point among them, then the rest. strtod alone would take "inf", "0x1p3" and "-1". */
static bool decimal(const char *text, double *out, const char **rest) {
  size_t whole = strspn(text, "0123456789");
  size_t end = whole;
  if (text[end] == '.') end += 1 + strspn(text + end + 1, "0123456789");
  if (end > 40 || !whole) return false;
  *out = strtod(text, NULL);
  *rest = text + end;
  /* 1e3s: the exponent would have been read by strtod and be missing from rest. */
  return **rest != 'e' && **rest != 'E';
}

bool value_duration(const char *text, uint64_t *out_ns) {
  static const struct {
    const char *name;
    double ns;
  } units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
  double value;
  const char *unit;
  if (!decimal(text, &value, &unit)) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (strcmp(unit, units[i].name) != 0) continue;
    double ns = value * units[i].ns;
    if (ns < 1 || ns > 1e18) return false;
    *out_ns = (uint64_t)ns;
    return true;
  }
  return false;
}

bool value_size_range(const char *text, SizeRange *out) {
  char first[24];
  const char *dash = strchr(text, '-');
  size_t length = dash ? (size_t)(dash - text) : strlen(text);
  uint64_t low, high;
  if (length >= sizeof first) return false;
  memcpy(first, text, length);
  first[length] = 0;
  if (!value_count(first, 1, SLAB_MAX_OBJECT_BYTES, &low)) return false;
  if (!value_count(dash ? dash + 1 : first, low, SLAB_MAX_OBJECT_BYTES, &high)) return false;
  *out = (SizeRange){(uint32_t)low, (uint32_t)high};
  return true;
}

/* What follows "name:" in text, or NULL. */
static const char *argument(const char *text, const char *name) {
  size_t length = strlen(name);
  return strncmp(text, name, length) == 0 && text[length] == ':' ? text + length + 1 : NULL;
}

bool value_epoch_policy(const char *text, EpochPolicy *out) {
  EpochPolicy policy = {0};
  const char *after = argument(text, "rotate");
  if (after) {
    policy.kind = EPOCH_ROTATE;
    if (!value_count(after, 1, UINT64_MAX, &policy.rotate_ops) && !value_duration(after, &policy.rotate_ns)) return false;
  } else {
    policy.kind = strcmp(text, "per-request") == 0  ? EPOCH_PER_REQUEST
                  : strcmp(text, "per-thread") == 0 ? EPOCH_PER_THREAD
                  : strcmp(text, "rotate") == 0     ? EPOCH_ROTATE
                  : strcmp(text, "single") == 0     ? EPOCH_SINGLE
                                                    : EPOCH_POLICY_UNSET;
  }
  if (policy.kind == EPOCH_POLICY_UNSET) return false;
  *out = policy;
  return true;
}

bool value_free_policy(const char *text, FreePolicy *out) {
  FreePolicy policy = {0};
  const char *lag = argument(text, "lagged"), *percent = argument(text, "never"), *rest;
  if (lag) {
    policy.kind = FREE_LAGGED;
    if (!value_count(lag, 1, LAG_MOST, &policy.lag)) return false;
  } else if (percent) {
    policy.kind = FREE_NEVER;
    if (!decimal(percent, &policy.percent, &rest) || *rest || policy.percent > 100) return false;
  } else {
    policy.kind = strcmp(text, "lifo") == 0     ? FREE_LIFO
                  : strcmp(text, "fifo") == 0   ? FREE_FIFO
                  : strcmp(text, "random") == 0 ? FREE_RANDOM
                  : strcmp(text, "remote") == 0 ? FREE_REMOTE
                                                : FREE_POLICY_UNSET;
  }
  if (policy.kind == FREE_POLICY_UNSET) return false;
  *out = policy;
  return true;
}
