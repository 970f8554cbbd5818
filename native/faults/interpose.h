/* Between the allocator and the kernel: what no program can do to it honestly is done here, at the system call. Linked with --wrap (native/Makefile),
 * which redirects what the allocator's own objects call. */
#ifndef FAULTS_INTERPOSE_H
#define FAULTS_INTERPOSE_H

/* The calling thread's clocks are so many seconds behind from now on. The machine must have been up for longer. */
void interpose_past(unsigned seconds);

/* What happens to so many of a hundred madvise(MADV_DONTNEED), spread evenly. */
void interpose_madvise_fails(double percent);    /* EINVAL, as for locked memory */
void interpose_madvise_ignored(double percent);  /* success, and the pages stay */
void interpose_madvise_slow(unsigned microseconds); /* each takes so much longer */

/* Of a hundred attempts of the calling thread to take a lock, so many find it taken: it waits for a thread that is not there. */
void interpose_trylock_busy(double percent);

#endif
