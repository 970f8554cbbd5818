#include "instance.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "atomics.h"
#include "guard.h"
#include "slices.h"

SlabAllocator *instance;
_Thread_local bool guarded;

typedef enum { UNMADE, BEING_MADE, MADE, REFUSED } State;
static _Atomic State state;

#ifdef PRELOAD_SANITIZED
static bool constructed; /* after all that this library depends on */
static __attribute__((constructor)) void construct(void) { constructed = true; }
bool process_started(void) { return constructed; }
#else
bool process_started(void) { return environ != NULL; }
#endif

static bool make(void) {
  State expected = UNMADE;
  if (!cas_acq_rel(&state, &expected, BEING_MADE)) return false;
  const char *given = secure_getenv("TSLAB_NAME");
  SlabOptions options = {.struct_bytes = sizeof options, .name = given && given[0] ? given : program_invocation_short_name};
  instance = slab_allocator_create_with(&options);
  if (instance) slices_start(instance);
  store_release(&state, instance ? MADE : REFUSED);
  return instance != NULL;
}

bool instance_ready(void) {
  State now = load_acquire(&state);
  return likely(now == MADE) || (now == UNMADE && process_started() && make());
}
