#include "experiments.h"

const Experiment experiments[] = {
    {"phases-mixed", "RSS: phases of 20,000 objects, 5 % of which survive 8 phases; all lifetimes together", "phases", 200, phases_mixed},
    {"any-size-mixed", "RSS: the same with objects of 64–768 bytes in every phase", "phases", 200, any_size_mixed},
    {"soak-mixed", "RSS over time: the same phases again and again", "seconds", 600, soak_mixed},
#ifdef BENCH_SLAB_H
    {"phases-by-epoch", "RSS: the same, each phase and its survivors in epochs of their own", "phases", 200, phases_by_epoch},
    {"any-size-by-epoch", "RSS: objects of 64–768 bytes, each phase and its survivors in epochs of their own", "phases", 200, any_size_by_epoch},
    {"phases-by-phase", "RSS: the same, survivors left in the epoch of their phase", "phases", 200, phases_by_phase},
    {"soak-by-epoch", "RSS over time: the same phases by epoch again and again", "seconds", 600, soak_by_epoch},
    {"epoch-advance", "what epoch_advance costs", "advances", 15000, epoch_advance_cost},
    {"epoch-1khz", "an epoch opened and one closed every millisecond under 2 allocating threads", "seconds", 3, epoch_kilohertz},
    {"epoch-close-drained", "epoch_close of slabs emptied by another thread: all are given back; pauses of 2 threads meanwhile", "slabs", 10000, epoch_close_drained},
    {"epoch-close-pinned", "epoch_close of slabs that all hold an object: nothing is given back; pauses of 2 threads meanwhile", "slabs", 10000, epoch_close_pinned},
#endif
};
const uint32_t experiment_count = sizeof experiments / sizeof *experiments;
