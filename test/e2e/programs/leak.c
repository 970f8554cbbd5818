/* Frees what it allocates, but in the second that it tells on standard output ("HH:MM:SS", UTC) it forgets 3000 objects of 200 bytes.
 * Then works on until standard input is closed, for 60 s at most. Argument: whole seconds of work before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <poll.h>

static struct timespec now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t;
}

static void work(void) {
  static void *kept[100];
  for (int i = 0; i < 500; i++) {
    int place = i * 37 % 100;
    free(kept[place]);
    kept[place] = malloc((size_t)(i * 13 % 700 + 1));
  }
  for (int i = 0; i < 100; i++) {
    free(kept[i]);
    kept[i] = NULL;
  }
  usleep(2000);
}

int main(int argc, char **argv) {
  time_t second = now().tv_sec + (argc > 1 ? atoi(argv[1]) : 0);
  /* In the midst of the second: a slice's edge is as sharp as the coarse clock. */
  while (now().tv_sec < second || now().tv_nsec < 300000000) work();
  second = now().tv_sec;
  for (int i = 0; i < 3000; i++) memset(malloc(200), 1, 200);
  printf("%02d:%02d:%02d %d\n", (int)(second / 3600 % 24), (int)(second / 60 % 60), (int)(second % 60), (int)getpid());
  fflush(stdout);
  struct pollfd input = {.fd = 0, .events = POLLIN};
  for (time_t last = second + 60; now().tv_sec < last && poll(&input, 1, 0) == 0;) work();
  return 0;
}
