/* The epoch API, its hot paths compiled into the program. */
#include "temporal_slab_inline.h"
#define API_NAME "inline"
#define API_ALLOC alloc_obj_epoch_inline
#define API_FREE free_obj_inline
#include "by_handle.h"
