/* Which registers the two hot paths use on x86-64. GCC 12 moves the arguments of a function that ends in a call of another one with the same arguments out of its own way and
 * back again, on the path that does not end so as well: eleven instructions of a pair. It does not when what is computed meanwhile is kept off the argument registers
 * (rdi, rsi, rdx, rcx, and r8 and r9 as far as they are free). Other compilers and processors need no such help. */
#ifndef SLAB_REGISTERS_H
#define SLAB_REGISTERS_H

/* Has a variable in the named register at this place. Nothing is computed from what the compiler knew of its value before. For a file that makes the hot paths (temporal_slab_inline.h)
 * into functions, which includes this first; a program's own copies are the compiler's business. */
#if defined(__x86_64__)
#define SLAB_HOT_REGISTER(name, variable)                          \
  do {                                                             \
    register __typeof__(variable) kept __asm__(name) = (variable); \
    __asm__("" : "+r"(kept));                                      \
    (variable) = kept;                                             \
  } while (0)
#endif

#endif
