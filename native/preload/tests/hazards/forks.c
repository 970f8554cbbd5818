/* Children forked in the middle of other threads' allocating: they work on, fork, exec, spawn; the parent is none the worse. */
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

#include "../check.h"

extern char **environ;
static volatile int stop;

static void churn(unsigned seed, int times) {
  unsigned char *own[64] = {0};
  size_t sizes[64] = {0};
  for (int i = 0; i < times; i++) {
    seed = seed * 1664525 + 1013904223;
    unsigned at = seed >> 8 & 63;
    CHECK(holds(own[at], sizes[at], (unsigned char)at));
    free(own[at]);
    sizes[at] = (seed >> 16) % 900 + 1;
    own[at] = MALLOC(sizes[at]);
    CHECK(own[at]);
    fill(own[at], sizes[at], (unsigned char)at);
  }
  for (int i = 0; i < 64; i++) free(own[i]);
}

static void *work(void *seed) {
  while (!stop) churn((unsigned)(size_t)seed, 1000);
  return NULL;
}

static void join(pid_t pid) {
  int status;
  CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *child_thread(void *unused) {
  churn(5, 300);
  return unused;
}

static void child(int i, unsigned char *inherited) {
  CHECK(holds(inherited, 500, 8));
  free(inherited);
  churn((unsigned)i, 500);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, child_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
  if (i % 10 == 0) {
    pid_t grandchild = fork();
    if (grandchild == 0) {
      churn(1, 300);
      exit(0);
    }
    join(grandchild);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) { /* executed by a child */
    churn(3, 500);
    return 0;
  }
  pthread_t threads[3];
  for (size_t i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0);
  unsigned char *mine = MALLOC(500);
  fill(mine, 500, 8);
  for (int i = 0; i < 200; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      child(i, mine);
      if (i % 3 == 0) _exit(0);
      if (i % 3 == 1) execl(argv[0], argv[0], "executed", (char *)NULL);
      exit(0);
    }
    join(pid);
  }
  for (int i = 0; i < 50; i++) {
    char *arguments[] = {argv[0], (char *)"executed", NULL};
    pid_t pid;
    CHECK(posix_spawn(&pid, argv[0], NULL, NULL, arguments, environ) == 0);
    join(pid);
    pid = vfork();
    if (pid == 0) {
      execv(argv[0], arguments);
      _exit(9);
    }
    join(pid);
  }
  FILE *pipe = popen("echo hello", "r");
  char line[20] = "";
  CHECK(pipe && fgets(line, sizeof line, pipe) && strcmp(line, "hello\n") == 0 && pclose(pipe) == 0);
  stop = 1;
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(holds(mine, 500, 8));
  return 0;
}
