/* Turns a snapshot into output. Knows nothing of where the snapshot came from. */
#ifndef TOOLS_EMIT_H
#define TOOLS_EMIT_H

#include <stdbool.h>

#include "json.h"
#include "temporal_slab_stats.h"
#include "text.h"

/* Adds the snapshot as one JSON object and a newline: indented for reading, or on one line for a stream. */
void emit_json(const SlabSnapshot *snapshot, bool indented, Text *out);

/* Adds the same object as a member; key is NULL inside an array. */
void emit_json_member(const SlabSnapshot *snapshot, const char *key, Json *json);

/* Adds a summary for people: memory, slow paths, reclamation, active classes, epochs that hold something. */
void emit_text(const SlabSnapshot *snapshot, Text *out);

/* Adds the summary's essence as one line. */
void emit_text_line(const SlabSnapshot *snapshot, Text *out);

#endif
