/* Tells each signal it gets, by number, on standard output; the third one ends it with exit code 3. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t count;

static void tell(int number) {
  char text[16];
  int n = snprintf(text, sizeof text, "got %d\n", number);
  if (write(1, text, (size_t)n) != n) _exit(1);
  if (++count == 3) _exit(3);
}

int main(void) {
  struct sigaction act = {.sa_handler = tell};
  for (int number = 1; number < NSIG; number++)
    if (number != SIGTSTP && number != SIGCONT && number != SIGTTOU && number != SIGTTIN && number != SIGCHLD && number != SIGWINCH && number != SIGALRM) sigaction(number, &act, NULL);
  alarm(60);
  free(malloc(100));
  printf("ready %d\n", (int)getpid());
  fflush(stdout);
  for (;;) pause();
}
