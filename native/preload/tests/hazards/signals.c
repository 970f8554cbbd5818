/* Signals at a high rate while threads allocate: handlers that do not allocate change nothing. */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include "../check.h"

static volatile sig_atomic_t caught;

static void on_signal(int signal_number) {
  (void)signal_number;
  int saved_errno = errno;
  caught++;
  errno = 12345; /* if the allocator looked at errno after a call that was not refused, it would find this */
  errno = saved_errno;
}

static void churn(void) {
  static __thread void *kept[5000];
  for (unsigned i = 0; i < 5000; i++) {
    free(kept[i]);
    kept[i] = MALLOC(i % 900 + 1);
    CHECK(kept[i]);
  }
  for (unsigned i = 0; i < 5000; i++) {
    free(kept[i]);
    kept[i] = NULL;
  }
}

static volatile int stop;
static void *work(void *unused) {
  while (!stop) churn();
  return unused;
}

static void every(long us) {
  struct itimerval timer = {{0, us}, {0, us}};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

int main(void) {
  struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: system calls are interrupted */
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  every(200);
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
  while (caught < 3000) churn();
  stop = 1;
  for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  return 0;
}
