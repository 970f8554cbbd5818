/* What stats_dump says to its caller when it ends; --help lists them. */
#ifndef TOOLS_EXIT_CODES_H
#define TOOLS_EXIT_CODES_H

typedef enum ExitCode {
  EXIT_FINE = 0,
  EXIT_BROKEN = 1,  /* damaged memory, counters that are off, nothing to be had from the system, output that cannot be written */
  EXIT_USAGE = 2,   /* wrong usage, or several instances where one must be named */
  EXIT_INPUT = 4,   /* no such process or file, or one that cannot be used */
  EXIT_SAMPLES = 5  /* the process ended before as many snapshots as --count asked for */
} ExitCode;

#endif
