/* A server's life: works all the time, and in every minute forgets a few objects.  long_life HOURS SLICE_SEC, under a fast clock (fast_clock.c): for a program that works without a pause.
 * Prints "SECONDS_SINCE_1970 OBJECTS" for what it forgot, then "end SECONDS", and waits for its input to end. */
#include <stdint.h>
#include <time.h>

#include "check.h"

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* So much work that malloc looks at the clock on the way. */
static void work(void) {
  void *kept[64];
  for (int i = 0; i < 64; i++) kept[i] = MALLOC((size_t)(i * 37 % 700) + 1);
  for (int i = 0; i < 64; i++) free(kept[i]);
}

/* In the middle of a slice, so that the time that is printed is the slice's beyond doubt. */
static int in_middle(int64_t ms, int64_t slice_ms) { return ms % slice_ms > slice_ms / 4 && ms % slice_ms < slice_ms * 3 / 4; }

int main(int argc, char **argv) {
  static char line[64];
  CHECK(argc == 3);
  int64_t slice_ms = atoll(argv[2]) * 1000, begun = now_ms(), end = begun + atoll(argv[1]) * 3600000, next = begun;
  setvbuf(stdout, line, _IOLBF, sizeof line);
  for (unsigned round = 0; now_ms() < end; round++) {
    work();
    int64_t before = now_ms();
    if (before < next || !in_middle(before, slice_ms)) continue;
    work();
    void *forgotten[9];
    int count = 1 + (int)(round % 9);
    for (int i = 0; i < count; i++) forgotten[i] = MALLOC(200);
    int64_t after = now_ms();
    if (after / slice_ms == before / slice_ms && in_middle(after, slice_ms)) {
      printf("%lld %d\n", (long long)(before / 1000), count);
      next = before + 60000;
    } else {
      for (int i = 0; i < count; i++) free(forgotten[i]);
    }
  }
  work();
  printf("end %lld\n", (long long)(now_ms() / 1000));
  while (getchar() != EOF) continue;
  return 0;
}
