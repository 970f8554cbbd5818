/* Preloaded: time passes CLOCK_SPEED times as fast as the program is at work (its processor time), so that a busy machine changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t speed, real_start_ns, monotonic_start_ns, cpu_start_ns;

static int64_t read_ns(clockid_t clock) {
  struct timespec t = {0};
  syscall(SYS_clock_gettime, clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* malloc reads the clock before any constructor. */
static void start(void) {
  const char *given = getenv("CLOCK_SPEED");
  real_start_ns = read_ns(CLOCK_REALTIME);
  monotonic_start_ns = read_ns(CLOCK_MONOTONIC);
  cpu_start_ns = read_ns(CLOCK_PROCESS_CPUTIME_ID);
  speed = given ? atoll(given) : 1;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  if (speed == 0) start();
  int64_t passed = (read_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_start_ns) * speed;
  int64_t now = passed + (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? real_start_ns : monotonic_start_ns);
  *out = (struct timespec){now / 1000000000, now % 1000000000};
  return 0;
}
