/* The malloc-style API, called. */
#define API_NAME "pointer"
#define API_ALLOC slab_malloc_epoch
#define API_FREE slab_free
#include "by_address.h"
