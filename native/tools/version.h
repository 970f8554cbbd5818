/* What --version and the snapshot's allocator.version say. */
#ifndef TOOLS_VERSION_H
#define TOOLS_VERSION_H

#ifndef TEMPORAL_SLAB_VERSION
#define TEMPORAL_SLAB_VERSION "0.1.0"
#endif

#endif
