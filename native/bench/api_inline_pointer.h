/* The malloc-style API, its hot paths compiled into the program. */
#include "temporal_slab_inline.h"
#define API_NAME "inline-pointer"
#define API_ALLOC slab_malloc_epoch_inline
#define API_FREE slab_free_inline
#include "by_address.h"
