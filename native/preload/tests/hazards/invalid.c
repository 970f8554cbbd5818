/* Wrong frees. Argument: which. With the library "twice" and "inside" are refused and counted; "stack" is the C library's to judge, which aborts. */
#include <signal.h>

#include "../check.h"

int main(int argc, char **argv) {
  CHECK(argc == 2);
  char *p = MALLOC(100), *q = MALLOC(100);
  if (strcmp(argv[1], "twice") == 0) {
    free(p);
    free(hidden(p));
  } else if (strcmp(argv[1], "inside") == 0) {
    free(hidden(p + 32));
    errno = 0;
    CHECK(hidden(realloc(hidden(p + 48), 10)) == NULL && errno == EINVAL);
    free(p);
  } else {
    char here[64] = {0};
    free(hidden(here + 16));
  }
  fill(q, 100, 3);
  free(q);
  char *again[50];
  for (int i = 0; i < 50; i++) {
    again[i] = MALLOC(100);
    for (int k = 0; k < i; k++) CHECK(again[k] != again[i]);
  }
  return 0;
}
