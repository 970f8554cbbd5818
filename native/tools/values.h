/* Text of a flag's value → the value. Each returns false, with *out untouched, for anything but exactly the form it documents. */
#ifndef TOOLS_VALUES_H
#define TOOLS_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

/* Decimal digits only, least … most. */
bool value_count(const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* A number above 0, fractions allowed, and its unit: us, ms, s, m, h. */
bool value_duration(const char *text, uint64_t *out_ns);

/* A size, or first-last with first <= last; 1 … SLAB_MAX_OBJECT_BYTES. */
bool value_size_range(const char *text, SizeRange *out);

/* per-request | per-thread | single | rotate | rotate:COUNT | rotate:DURATION */
bool value_epoch_policy(const char *text, EpochPolicy *out);

/* lifo | fifo | random | remote | lagged:COUNT | never:PERCENT */
bool value_free_policy(const char *text, FreePolicy *out);

#endif
