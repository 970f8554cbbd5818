/* A signal handler forks, as programs do that start a debugger or their successor from one. With one thread the C library allows that anywhere, in the
 * middle of malloc too. */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "../check.h"

static volatile sig_atomic_t forks;

/* Once each time: where a fork takes longer than that, a timer of its own accord would leave the program none. */
static void in_a_millisecond(void) { setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 1000}}, NULL); }

static void on_signal(int signal_number) {
  (void)signal_number;
  int saved_errno = errno, status = 0;
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  if (pid > 0 && waitpid(pid, &status, 0) == pid) forks++;
  in_a_millisecond();
  errno = saved_errno;
}

int main(void) {
  static void *kept[20000];
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  in_a_millisecond();
  while (forks < 2000)
    for (unsigned i = 0; i < 40000; i++) {
      void **place = &kept[i % 20000];
      free(*place);
      *place = i < 20000 ? MALLOC(i % 900 + 1) : NULL;
    }
  return 0;
}
