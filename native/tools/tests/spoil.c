/* Spoils a counter file in every way that comes to mind and reads it each time: errors are fine, a crash is not. Built with sanitizers.
 *   spoil FILE flips N SEED     N mutations of single bits, bytes, words and the size
 *   spoil FILE cuts N SEED      N readings of a file that is cut short just after its size was asked for. Linked with --wrap=fstat. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../emit.h"
#include "../random.h"
#include "counter_reader.h"

static unsigned seen[COUNTER_READ_SHRUNK + 1];

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* As stats_dump does it, to the last byte of output. */
static void read_once(const char *path) {
  static SlabSnapshot snapshot;
  static Text text;
  CounterReader reader;
  char error[160] = "";
  CounterReadResult result = counter_reader_open(&reader, path, error, sizeof error);
  if (result == COUNTER_READ_OK) {
    result = counter_reader_read(&reader, (uint32_t)getpid(), &snapshot);
    counter_reader_close(&reader);
  } else if (!*error) {
    fprintf(stderr, "an error without a word\n");
    exit(1);
  }
  seen[result]++;
  if (result != COUNTER_READ_OK) return;
  emit_json(&snapshot, false, &text);
  emit_text(&snapshot, &text);
  text_clear(&text);
}

static uint64_t interesting(uint64_t *random) {
  static const uint64_t values[] = {0, 1, 2, 7, 8, 15, 16, 255, 4095, 4096, 65535, 65536, INT32_MAX, UINT32_MAX, (uint64_t)INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
  uint64_t value = values[random_below(random, sizeof values / sizeof *values)];
  return random_below(random, 3) ? value : random_next(random);
}

/* Header and global counters decide most; the first half of all mutations go there. */
static size_t place(uint64_t *random, size_t bytes) {
  size_t within = random_below(random, 2) ? bytes : random_below(random, 2) ? sizeof(CounterFileHeader) : 32768;
  return random_below(random, within < bytes ? within : bytes);
}

static void mutate(unsigned char *memory, size_t bytes, uint64_t *random) {
  for (uint64_t times = 1 + random_below(random, 4); times > 0; times--) {
    size_t at = place(random, bytes);
    switch (random_below(random, 4)) {
      case 0:
        memory[at] ^= (unsigned char)(1u << random_below(random, 8));
        break;
      case 1:
        memory[at] = (unsigned char)random_next(random);
        break;
      case 2: {
        uint32_t half = (uint32_t)interesting(random);
        at &= ~(size_t)3;
        memcpy(memory + at, &half, sizeof half);
        break;
      }
      default: {
        uint64_t word = interesting(random);
        at &= ~(size_t)7;
        if (at + sizeof word <= bytes) memcpy(memory + at, &word, sizeof word);
      }
    }
  }
}

static void flips(const char *path, int fd, unsigned char *original, size_t bytes, unsigned count, uint64_t seed) {
  unsigned char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  for (unsigned i = 0; i < count; i++) {
    uint64_t random = seed + i;
    mutate(memory, bytes, &random);
    bool resized = random_below(&random, 8) == 0;
    off_t size = random_below(&random, 2) ? (off_t)random_below(&random, (uint32_t)bytes + 1) : (off_t)(interesting(&random) >> 1);
    if (resized && ftruncate(fd, size) != 0) resized = false;
    read_once(path);
    if (resized && ftruncate(fd, (off_t)bytes) != 0) die("ftruncate");
    memcpy(memory, original, bytes);
  }
}

/* The file is cut when its size has been asked for so many times more; 0: never. */
static unsigned cut_in;
static off_t cut_to;
static int cut_fd;

int __real_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out) {
  int result = __real_fstat(fd, out);
  if (cut_in > 0 && --cut_in == 0 && ftruncate(cut_fd, cut_to) != 0) die("ftruncate");
  return result;
}

static void cuts(const char *path, int fd, unsigned char *original, size_t bytes, unsigned count, uint64_t seed) {
  cut_fd = fd;
  for (unsigned i = 0; i < count; i++) {
    uint64_t random = seed + i;
    cut_to = (off_t)place(&random, bytes);
    cut_in = 1 + (unsigned)random_below(&random, 2); /* the first is asked before the header is read, the second before the counters are */
    read_once(path);
    cut_in = 0;
    if (pwrite(fd, original, bytes, 0) != (ssize_t)bytes) die("write");
  }
  if (seen[COUNTER_READ_SHRUNK] == 0) {
    fprintf(stderr, "no cut was noticed\n");
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const char *path = argv[1];
  int fd = open(path, O_RDWR);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) != 0) die(path);
  size_t bytes = (size_t)st.st_size;
  unsigned char *original = malloc(bytes);
  if (!original || pread(fd, original, bytes, 0) != (ssize_t)bytes) die("read");
  read_once(path);
  if (seen[COUNTER_READ_OK] != 1) return fprintf(stderr, "not readable before it was spoilt\n"), 1;
  unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
  uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
  (strcmp(argv[2], "flips") == 0 ? flips : cuts)(path, fd, original, bytes, count, seed);
  free(original);
  printf("ok %u, no file %u, refused %u, malformed %u, other version %u, shrunk %u\n", seen[COUNTER_READ_OK], seen[COUNTER_READ_NO_FILE],
         seen[COUNTER_READ_REFUSED], seen[COUNTER_READ_MALFORMED], seen[COUNTER_READ_VERSION], seen[COUNTER_READ_SHRUNK]);
  return 0;
}
