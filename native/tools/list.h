/* stats_dump --list: one JSON object a line for every counter file that can be found. */
#ifndef TOOLS_LIST_H
#define TOOLS_LIST_H

#include "exit_codes.h"
#include "target.h"

/* prune: removes what this user's processes left that have ended; each such object says "pruned": true. */
ExitCode list_counter_files(bool prune);

#endif
