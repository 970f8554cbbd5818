/* Allocates and frees without end; in one second, told on standard output as "HH:MM:SS" (UTC), 350 ms after its beginning, it forgets 5000 objects of 100 bytes;
 * then waits for standard input to close. Arguments: seconds before and after. */
#include <stdint.h>
#include <time.h>

#include "check.h"

static struct timespec now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t;
}

static void *kept[1000];

static void busy_until(time_t second, long ns) {
  for (unsigned i = 0;; i++) {
    void **place = &kept[i * 7919 % 1000];
    free(*place);
    *place = MALLOC(i % 700 + 1);
    if (i % 100 == 0) {
      struct timespec pause = {0, 200000}, t = now();
      if (t.tv_sec > second || (t.tv_sec == second && t.tv_nsec >= ns)) return;
      nanosleep(&pause, NULL);
    }
  }
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  time_t second = now().tv_sec + atoi(argv[1]);
  busy_until(second, 350000000);
  CHECK(now().tv_sec == second);
  for (int i = 0; i < 5000; i++) fill(MALLOC(100), 100, 1);
  CHECK(now().tv_sec == second);
  printf("%02d:%02d:%02d\n", (int)(second / 3600 % 24), (int)(second / 60 % 60), (int)(second % 60));
  fflush(stdout);
  busy_until(second + atoi(argv[2]), 350000000);
  for (int i = 0; i < 1000; i++) {
    free(kept[i]);
    kept[i] = NULL;
  }
  printf("done\n");
  fflush(stdout);
  char c;
  return read(0, &c, 1) < 0;
}
