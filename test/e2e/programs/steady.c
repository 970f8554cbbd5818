/* Forgets an object of 64 bytes each millisecond, for as many as its argument says. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv) {
  int objects = argc > 1 ? atoi(argv[1]) : 1000;
  struct timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  for (int i = 0; i < objects; i++) {
    memset(malloc(64), 1, 64);
    due.tv_nsec += 1000000;
    if (due.tv_nsec >= 1000000000) due.tv_sec++, due.tv_nsec -= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
  }
  return 0;
}
