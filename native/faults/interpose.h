/* Between the allocator and the kernel: what no program can do to it honestly is done here, at the system call. Linked with --wrap (native/Makefile),
 * which redirects what the allocator's own objects call. */
#ifndef FAULTS_INTERPOSE_H
#define FAULTS_INTERPOSE_H

/* The calling thread's clocks are so many seconds behind from now on. The machine must have been up for longer. */
void interpose_past(unsigned seconds);

/* madvise(MADV_DONTNEED): so many of a hundred calls fail with EINVAL, as for locked memory; of each range so many of a hundred pages stay in spite of
 * success; each call takes so much longer. */
void interpose_madvise_fails(double percent);
void interpose_madvise_ignored(double percent);
void interpose_madvise_slow(unsigned microseconds);

/* Of a hundred attempts of the calling thread to take a lock, so many find it taken: it waits for a thread that is not there. */
void interpose_trylock_busy(double percent);

#endif
