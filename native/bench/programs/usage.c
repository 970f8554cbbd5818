/* usage RESULT_FILE COMMAND [ARGUMENT…]
 * Runs a command and writes what it and its children used, as one JSON object. Exits as the command does (126: could not be run). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double ms_of(struct timeval t) { return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3; }

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  struct timespec began, ended;
  clock_gettime(CLOCK_MONOTONIC, &began);
  pid_t child = fork();
  if (child == 0) {
    // The preloaded allocator is the command's, not this program's.
    const char *preload = getenv("USAGE_PRELOAD");
    if (preload && *preload) setenv("LD_PRELOAD", preload, 1);
    execvp(argv[2], argv + 2);
    _exit(126);
  }
  int status = 0;
  struct rusage used;
  if (child < 0 || wait4(child, &status, 0, &used) < 0) return 1;
  clock_gettime(CLOCK_MONOTONIC, &ended);
  FILE *result = fopen(argv[1], "w");
  if (!result) return 1;
  fprintf(result, "{\"wall_ms\":%.3f,\"cpu_ms\":%.3f,\"max_rss_bytes\":%lld}\n",
          (double)(ended.tv_sec - began.tv_sec) * 1e3 + (double)(ended.tv_nsec - began.tv_nsec) / 1e6,
          ms_of(used.ru_utime) + ms_of(used.ru_stime), (long long)used.ru_maxrss * 1024);
  if (fclose(result) != 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
