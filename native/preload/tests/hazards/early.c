/* Allocation before any constructor has run, and in the first one; freed much later. */
#include "../check.h"

static void *first[3], *second[3];

static void earliest(int argc, char **argv, char **env) {
  (void)argc, (void)argv, (void)env;
  first[0] = MALLOC(30), first[1] = hidden(calloc(1, 700)), first[2] = MALLOC(100000);
  fill(first[0], 30, 1);
  CHECK(holds(first[1], 700, 0));
  first[0] = hidden(realloc(first[0], 300));
}
__attribute__((section(".preinit_array"), used)) static void (*const before_constructors)(int, char **, char **) = earliest;

static __attribute__((constructor(101))) void early(void) {
  second[0] = MALLOC(30), second[1] = hidden(calloc(1, 700)), second[2] = hidden(strdup("text"));
}

int main(void) {
  CHECK(holds(first[0], 30, 1));
  for (int i = 0; i < 3; i++) {
    CHECK(first[i] && second[i]);
    free(first[i]), free(second[i]);
  }
  return 0;
}
