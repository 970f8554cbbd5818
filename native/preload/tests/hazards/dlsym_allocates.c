/* Preloaded beside the library: a dlsym that allocates, as older C libraries' and some tools' do, in every way. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *dlsym(void *restrict handle, const char *restrict name) {
  static void *(*real)(void *restrict, const char *restrict);
  char *p = malloc(100), *q = calloc(10, 90), *r = NULL;
  if (!p || !q || q[899] || posix_memalign((void **)&r, 256, 10) != 0 || (uintptr_t)r % 256) _exit(3);
  strcpy(p, "some text");
  p = realloc(p, 2000);
  if (!p || strcmp(p, "some text") != 0 || malloc_usable_size(p) < 2000) _exit(3);
  free(q), free(r);
  if (!real) {
    void *found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
    if (!found) found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    memcpy(&real, &found, sizeof found);
  }
  static char *kept;
  free(kept); /* taken from the arena the first time, freed when the real allocator is known */
  kept = p;
  return real(handle, name);
}
