/* stats_dump --list: one JSON object a line for every counter file that can be found. */
#ifndef TOOLS_LIST_H
#define TOOLS_LIST_H

#include "exit_codes.h"
#include "listing.h"

/* In order of creation, unusable files first: whose they are is not known, so no selection leaves them out. */
ExitCode list_counter_files(const Listing *listing);

#endif
