/* Loaded and unloaded by plugins.c. Its thread-local variables are of the kind that must fit into what the C library keeps spare at start. */
#include <stdlib.h>
#include <string.h>

static __thread char own[1024] __attribute__((tls_model("initial-exec")));
static void *kept;

static __attribute__((constructor)) void load(void) { kept = malloc(100); }
static __attribute__((destructor)) void unload(void) { free(kept); }

char *plugin_text(void);
char *plugin_text(void) {
  strcpy(own, "text of a plugin");
  return strdup(own);
}
