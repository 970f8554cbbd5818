/* Every atomic access of the library, with its memory order in its name. Bare <stdatomic.h> operations are not called elsewhere. */
#ifndef SLAB_ATOMICS_H
#define SLAB_ATOMICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "temporal_slab_inline.h"

#define load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define load_seq_cst(p) atomic_load_explicit((p), memory_order_seq_cst)
#define store_relaxed(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)
#define store_release(p, v) atomic_store_explicit((p), (v), memory_order_release)
#define store_seq_cst(p, v) atomic_store_explicit((p), (v), memory_order_seq_cst)
#define exchange_acquire(p, v) atomic_exchange_explicit((p), (v), memory_order_acquire)
#define exchange_acq_rel(p, v) atomic_exchange_explicit((p), (v), memory_order_acq_rel)
#define exchange_seq_cst(p, v) atomic_exchange_explicit((p), (v), memory_order_seq_cst)
#define fetch_add_relaxed(p, v) atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define fetch_sub_relaxed(p, v) atomic_fetch_sub_explicit((p), (v), memory_order_relaxed)
#define fetch_sub_seq_cst(p, v) atomic_fetch_sub_explicit((p), (v), memory_order_seq_cst)
#define fetch_or_seq_cst(p, v) atomic_fetch_or_explicit((p), (v), memory_order_seq_cst)
#define fetch_and_seq_cst(p, v) atomic_fetch_and_explicit((p), (v), memory_order_seq_cst)
#define cas_acq_rel(p, expected, v) \
  atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_acq_rel, memory_order_acquire)
#define cas_seq_cst(p, expected, v) \
  atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_seq_cst, memory_order_seq_cst)
#define cas_weak_seq_cst(p, expected, v) \
  atomic_compare_exchange_weak_explicit((p), (expected), (v), memory_order_seq_cst, memory_order_relaxed)

/* Keeps the compiler from moving memory accesses across. The processor is held back by the other side: see os_barrier_all_threads. */
#define order_compiler() atomic_signal_fence(memory_order_seq_cst)

/* ThreadSanitizer knows no fences; whatever they order here is atomic itself, so it has nothing to report without them. */
#ifdef SLAB_HOT_TSAN
#define order_release() order_compiler()
#define order_acquire() order_compiler()
#define order_full() __asm__ volatile("mfence" ::: "memory") /* ThreadSanitizer builds are for x86-64 */
#else
#define order_release() atomic_thread_fence(memory_order_release)
#define order_acquire() atomic_thread_fence(memory_order_acquire)
#define order_full() atomic_thread_fence(memory_order_seq_cst)
#endif

#define load_unordered(p) SLAB_HOT_LOAD_UNORDERED(p)

/* A counter with one writer and any number of readers. */
typedef _Atomic uint64_t Counter;
static inline void counter_add(Counter *c, uint64_t n) { slab_hot_count(c, n); }

/* A counter with several writers. Cold paths only. */
static inline void counter_add_shared(Counter *c, uint64_t n) { fetch_add_relaxed(c, n); }

static inline void cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define noinline_cold __attribute__((noinline, cold))

#endif
