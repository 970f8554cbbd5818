/* Forgets one object of 200 bytes every 5 ms, among others that come and go, for so many seconds; then says how many, and waits for standard input to close. */
#include <time.h>

#include "check.h"

int main(int argc, char **argv) {
  CHECK(argc == 2);
  int count = 0;
  void *kept[500] = {0};
  for (int i = 0; i < atoi(argv[1]) * 200; i++) {
    struct timespec pause = {0, 5000000};
    fill(MALLOC(200), 200, 1);
    count++;
    for (unsigned k = 0; k < 500; k++) {
      free(kept[k]);
      kept[k] = MALLOC((k * 31 + (unsigned)i) % 190 + 1);
    }
    nanosleep(&pause, NULL);
  }
  for (unsigned k = 0; k < 500; k++) free(kept[k]);
  printf("%d\n", count);
  fflush(stdout);
  char c;
  return read(0, &c, 1) < 0;
}
