/* The epoch API, called. */
#define API_NAME "epoch"
#define API_ALLOC alloc_obj_epoch
#define API_FREE free_obj
#include "by_handle.h"
