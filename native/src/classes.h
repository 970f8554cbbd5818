/* The eight size classes. */
#ifndef SLAB_CLASSES_H
#define SLAB_CLASSES_H

#include "config.h"

#define CLASS_BYTES_ROW(index, bytes) bytes,
static const uint16_t class_object_bytes[SLAB_CLASS_COUNT] = {SLAB_HOT_CLASSES(CLASS_BYTES_ROW)};
#undef CLASS_BYTES_ROW

#define CLASS_SLOTS_ROW(index, bytes) SLAB_BYTES / (bytes),
static const uint16_t class_slots[SLAB_CLASS_COUNT] = {SLAB_HOT_CLASSES(CLASS_SLOTS_ROW)};
#undef CLASS_SLOTS_ROW

#define CLASS_ALIGNED_ROW(index, bytes) _Static_assert((bytes) % 16 == 0, "objects are 16-byte aligned");
SLAB_HOT_CLASSES(CLASS_ALIGNED_ROW)
#undef CLASS_ALIGNED_ROW

/* Class of the object whose last byte has this number: size - 1, for sizes 1 … 768. A byte for each: to look one up by fewer bits takes an instruction more. */
extern const uint8_t class_of_last_byte[SLAB_MAX_OBJECT_BYTES];

static inline uint32_t class_of_size(uint32_t size) { return class_of_last_byte[size - 1]; }

#endif
