/* malloc and free are no cancellation points: a thread with a cancellation pending goes on until it comes to one. */
#include <pthread.h>
#include <sys/wait.h>

#include "../check.h"

static int reached;

static void *work(void *unused) {
  void *kept[200] = {0};
  pthread_cancel(pthread_self());
  for (int round = 0; round < 200; round++)
    for (int i = 0; i < 200; i++) {
      free(kept[i]);
      kept[i] = MALLOC((size_t)(i * 5 + 1));
    }
  for (int i = 0; i < 200; i++) free(kept[i]);
  pid_t pid = fork();
  if (pid == 0) { /* a child's first steps are slow ones */
    for (int i = 0; i < 200; i++) kept[i] = MALLOC((size_t)(i * 5 + 1));
    _exit(7);
  }
  int status, state;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
  pthread_setcancelstate(state, NULL);
  __atomic_fetch_add(&reached, 1, __ATOMIC_RELAXED);
  pthread_testcancel();
  CHECK(0);
  return unused;
}

int main(void) {
  for (int i = 0; i < 100; i++) {
    pthread_t thread;
    void *result;
    CHECK(pthread_create(&thread, NULL, work, NULL) == 0 && pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED);
  }
  CHECK(reached == 100);
  return 0;
}
