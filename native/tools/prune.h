/* Removing what the dead left. */
#ifndef TOOLS_PRUNE_H
#define TOOLS_PRUNE_H

#include "counter_files.h"

/* Removes the file if it is this user's, in a directory that nobody else may write to, and its process has ended: looked at once more, just before.
 * False, and nothing done, otherwise. */
bool prune_counter_file(const CounterFile *file);

#endif
