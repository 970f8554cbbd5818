#include "fault.h"

extern const Fault fault_refcount_active, fault_refcount_closing, fault_refcount_growing, fault_objects_leaked, fault_sparse, fault_active_old,
    fault_never_closed, fault_into_closing, fault_burst, fault_churn, fault_other_growth, fault_other_held, fault_madvise_fails, fault_locked,
    fault_madvise_ignored, fault_madvise_slow, fault_low_yield, fault_large_close, fault_lock, fault_lock_busy, fault_cas, fault_cas_counted, fault_ring, fault_labels, fault_slow_requests, fault_torn, fault_law;

const Fault *const faults[] = {
    &fault_refcount_active, &fault_refcount_closing, &fault_refcount_growing, &fault_objects_leaked, &fault_sparse,
    &fault_active_old,      &fault_never_closed,     &fault_into_closing,     &fault_burst,          &fault_churn,
    &fault_other_growth,    &fault_other_held,       &fault_madvise_fails,    &fault_locked,         &fault_madvise_ignored,
    &fault_madvise_slow,    &fault_low_yield,        &fault_large_close,      &fault_lock,           &fault_lock_busy,
    &fault_cas,             &fault_cas_counted,      &fault_ring,             &fault_labels,           &fault_slow_requests,
    &fault_torn,            &fault_law,
};
const unsigned fault_count = sizeof faults / sizeof *faults;
