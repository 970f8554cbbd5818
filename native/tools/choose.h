/* Which of the counter files the user means. */
#ifndef TOOLS_CHOOSE_H
#define TOOLS_CHOOSE_H

#include "counter_files.h"
#include "exit_codes.h"
#include "target.h"

/* Finds the one file that target names. Anything but EXIT_FINE was explained in one line on standard error: EXIT_USAGE where several fit, EXIT_INPUT where
 * none does or it cannot be used, EXIT_BROKEN when memory is exhausted. */
ExitCode choose_counter_file(const Target *target, CounterFile *out);

#endif
