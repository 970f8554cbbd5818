#include "classes.h"

#define UP_TO(low, high, index) [low... high - 1] = index

const uint8_t class_of_last_byte[SLAB_MAX_OBJECT_BYTES] = {
    UP_TO(0, 64, 0),    UP_TO(64, 96, 1),   UP_TO(96, 128, 2),  UP_TO(128, 192, 3),
    UP_TO(192, 256, 4), UP_TO(256, 384, 5), UP_TO(384, 512, 6), UP_TO(512, 768, 7),
};
