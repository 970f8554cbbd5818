/* Preloaded before the library: as a process ends in order, keeps its counter file under another name ($TSLAB_WITNESS/<pid>), so that a test can
 * read what it counted. Runs before the library's destructor, which removes the file. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static __attribute__((destructor)) void keep(void) {
  const char *from = getenv("TSLAB_DIR"), *to = getenv("TSLAB_WITNESS");
  char prefix[32], source[4200], target[4200];
  DIR *dir = from && to ? opendir(from) : NULL;
  if (!dir) return;
  snprintf(prefix, sizeof prefix, "%d-", (int)getpid());
  for (struct dirent *e; (e = readdir(dir));) {
    if (strncmp(e->d_name, prefix, strlen(prefix)) != 0) continue;
    snprintf(source, sizeof source, "%s/%s", from, e->d_name);
    snprintf(target, sizeof target, "%s/%d", to, (int)getpid());
    unlink(target);
    if (link(source, target) != 0) perror(target);
  }
  closedir(dir);
}
