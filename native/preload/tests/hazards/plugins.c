/* dlopen and dlclose, from several threads; what a plugin has allocated outlives it. */
#include <dlfcn.h>
#include <pthread.h>

#include "../check.h"

static const char *path;

static void *work(void *unused) {
  for (int i = 0; i < 300; i++) {
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(plugin);
    void *symbol = dlsym(plugin, "plugin_text");
    char *(*plugin_text)(void);
    CHECK(symbol);
    memcpy(&plugin_text, &symbol, sizeof symbol);
    char *text = plugin_text();
    CHECK(dlsym(plugin, "no_such_symbol") == NULL && dlerror());
    CHECK(dlclose(plugin) == 0);
    CHECK(strcmp(text, "text of a plugin") == 0);
    free(text);
    CHECK(dlopen("/no/such/file.so", RTLD_NOW) == NULL);
  }
  return unused;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  path = argv[1];
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  return 0;
}
