/* Has a test of the four functions use what a program gets inlined instead: included before everything else in the variants called inline. */
#ifndef TESTS_INLINED_H
#define TESTS_INLINED_H

#include "temporal_slab_inline.h"

#define alloc_obj_epoch alloc_obj_epoch_inline
#define free_obj free_obj_inline
#define slab_malloc_epoch slab_malloc_epoch_inline
#define slab_free slab_free_inline

#endif
