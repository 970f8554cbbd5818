/* The command line and the environment as the kernel has them: Node's strings lose bytes that are not UTF-8. */
#ifndef LAUNCH_WORDS_H
#define LAUNCH_WORDS_H

#include "launch.h"

/* @returns the last `count` words of this process's command line, ended by NULL, until the process ends; NULL with errno where they cannot be had */
char **words_of_command_line(int32_t count);

/* @returns this process's environment as the plan changes it, with one entry more, ended by NULL; NULL where memory is exhausted
 * @param extra NULL for none */
char **words_of_environment(const LaunchPlan *plan, char *extra);

#endif
