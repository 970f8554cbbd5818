/* stats_dump --list: one JSON object a line for every counter file that can be found. */
#ifndef TOOLS_LIST_H
#define TOOLS_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "exit_codes.h"
#include "target.h"

/* In order of creation, unusable files first. prune: removes what this user's processes left that have ended; each such object says "pruned": true.
 * snapshots: so many live instances, the oldest, have their whole snapshot in "snapshot", as of the same instant as the rest of the object.
 * on_request: the list anew for each line on standard input, each time with an empty line behind it, until standard input ends. */
ExitCode list_counter_files(bool prune, uint64_t snapshots, bool on_request);

#endif
