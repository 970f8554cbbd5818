/* Which registers the two hot paths use on x86-64. GCC 12 moves the arguments of a function that ends in a call of another one with the same arguments out of its own way and
 * back again, on the path that does not end so as well: eleven instructions of a pair. It does not when what is computed meanwhile is kept off the argument registers
 * (rdi, rsi, rdx, rcx, and r8 and r9 as far as they are free). Other compilers and processors need no such help. */
#ifndef SLAB_REGISTERS_H
#define SLAB_REGISTERS_H

/* Has a variable in the named register at this place. Nothing is computed from what the compiler knew of its value before. */
#if defined(__x86_64__)
#define keep_in_register(name, variable)                           \
  do {                                                             \
    register __typeof__(variable) kept __asm__(name) = (variable); \
    __asm__("" : "+r"(kept));                                      \
    (variable) = kept;                                             \
  } while (0)
#else
#define keep_in_register(name, variable) ((void)0)
#endif

/* Of a function that takes its arguments as they are written, used or not. */
#if defined(__clang__)
#define arguments_as_written __attribute__((noinline))
#else
#define arguments_as_written __attribute__((noipa))
#endif

#endif
