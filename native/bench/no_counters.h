/* The library with its counters compiled out, for the price of them: included before everything else (make CFLAGS='-include bench/no_counters.h'). Gauges that are
 * stored rather than added to stay. Nothing true can be read of such a build; it allocates and frees as ever, for no decision depends on a counter. */
#include "atomics.h"

#define counter_add(counter, n) ((void)(counter), (void)(n))
#define counter_add_shared(counter, n) ((void)(counter), (void)(n))
