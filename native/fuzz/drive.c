/* The same target without libFuzzer: seeded random inputs, or files (a corpus, a crash). Runs everywhere.
 *
 *   fuzz_ops [--runs N] [--bytes N] [--seed N] [--save FILE] [FILE…]
 *
 * Run i plays the bytes that seed + i gives; the failing run's seed is printed and plays it again with --runs 1. --save writes that
 * input to FILE, for libFuzzer's -minimize_crash=1. With files, only these are played. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ops.h"
#include "random.h"

enum { BYTES_MAX = 1 << 20 };
static uint8_t input[BYTES_MAX];
static uint64_t runs = 300, bytes_most = 4096, seed = 1;
static const char *save;
static char **files;
static int file_count;

static size_t generate(uint64_t run_seed) {
  Random random = random_seeded(run_seed);
  size_t bytes = 1 + random_below(&random, bytes_most);
  for (size_t i = 0; i < bytes; i++) input[i] = (uint8_t)random_u64(&random);
  return bytes;
}

static void keep(size_t bytes) {
  FILE *file = save ? fopen(save, "wb") : NULL;
  if (!file) return;
  fwrite(input, 1, bytes, file);
  fclose(file);
}

static void random_inputs_agree_with_the_model(void) {
  uint64_t count = 0, limit = check_scaled(runs);
  for (uint64_t run = 0; run < limit; run++) {
    size_t bytes = generate(seed + run);
    count += ops_play(input, bytes);
    if (check_failures()) {
      check_fail(__FILE__, __LINE__, "again with: fuzz_ops --runs 1 --bytes %" PRIu64 " --seed %" PRIu64, bytes_most, seed + run);
      keep(bytes);
      return;
    }
  }
  printf("     %" PRIu64 " runs from seed %" PRIu64 ", %" PRIu64 " operations\n", limit, seed, count);
}

static void kept_inputs_agree_with_the_model(void) {
  for (int i = 0; i < file_count; i++) {
    FILE *file = fopen(files[i], "rb");
    if (!file) {
      check_fail(__FILE__, __LINE__, "cannot open %s", files[i]);
      return;
    }
    size_t bytes = fread(input, 1, BYTES_MAX, file);
    fclose(file);
    ops_play(input, bytes);
    if (check_failures()) {
      check_fail(__FILE__, __LINE__, "that was %s", files[i]);
      return;
    }
  }
}

static int usage(void) {
  fprintf(stderr, "usage: fuzz_ops [--runs N] [--bytes 1 … %d] [--seed N] [--save FILE] [FILE…]\n", BYTES_MAX);
  return 2;
}

int main(int count, char **arguments) {
  int i = 1;
  for (; i < count && strncmp(arguments[i], "--", 2) == 0; i += 2) {
    if (i + 1 == count) return usage();
    uint64_t number = strtoull(arguments[i + 1], NULL, 10);
    if (strcmp(arguments[i], "--runs") == 0) runs = number;
    else if (strcmp(arguments[i], "--bytes") == 0) bytes_most = number;
    else if (strcmp(arguments[i], "--seed") == 0) seed = number;
    else if (strcmp(arguments[i], "--save") == 0) save = arguments[i + 1];
    else return usage();
  }
  if (bytes_most < 1 || bytes_most > BYTES_MAX) return usage();
  files = arguments + i;
  file_count = count - i;
  if (file_count) RUN(kept_inputs_agree_with_the_model);
  else RUN(random_inputs_agree_with_the_model);
  return check_finish();
}
