/* Starts a program from inside Node: in its place, or as a child that is waited for. */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct LaunchPlan {
  int32_t words;      /* the program and its arguments: so many words at the end of this process's command line, byte for byte */
  const char *library;/* put in front of LD_PRELOAD */
  char **variables;   /* "NAME=value", ended by NULL; they replace what the environment has */
} LaunchPlan;

/* Becomes the program: same process, same descriptors. Returns only where that fails. @returns an errno */
int launch_become(const LaunchPlan *plan);

/* Starts the program as a child and waits for it to end. What another process sends to this one is passed on; what the terminal sends, the child has had itself.
 * When the child stops, this process does. The child's counter file stays when it ends (TSLAB_KEEP). To be called once, by the main thread.
 * @param pid the child's id @returns its wait status (waitpid), or a negated errno where it was not started */
int launch_run(const LaunchPlan *plan, int32_t *pid);

/* Ends this process by a signal, without a core file of its own. Returns where the signal does not end processes. */
void launch_end_by(int signal_number);

/* @returns whether the file gives capabilities to who executes it: then the kernel has the dynamic linker ignore LD_PRELOAD */
bool launch_gives_capabilities(const char *path);

#endif
