/* Other processes, as /proc shows them to this one. Everything may vanish between two calls. */
#ifndef TOOLS_PROCESSES_H
#define TOOLS_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ProcessState {
  PROCESS_RUNS,
  PROCESS_ENDED,   /* not there, or a zombie */
  PROCESS_HIDDEN   /* there, but its mappings may not be looked at */
} ProcessState;

ProcessState process_state(uint32_t pid);

/* The pid by which the process knows itself: another one in a pid namespace below ours. 0 when it is not there. */
uint32_t process_inner_pid(uint32_t pid);

/* How long it has been running, 0 when it is not there. start_ticks: as in field 22 of its /proc stat. */
uint64_t process_uptime_sec(uint64_t start_ticks);

/* Calls visit for every process that is shown. */
void processes_each(void (*visit)(void *context, uint32_t pid), void *context);

typedef struct MappedFile {
  uint32_t pid;
  const char *path; /* as the process's own mount namespace names it */
  uint64_t inode;
  bool deleted;     /* has no name any more */
} MappedFile;

/* Calls visit for every file that the process maps and whose name ends in ".tslab"; perhaps several times for one. */
void process_mapped_files(uint32_t pid, void (*visit)(void *context, const MappedFile *file), void *context);

#endif
