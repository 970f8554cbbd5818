/* A program that closes every descriptor it does not know, and opens its own under the same numbers: nobody else writes to them. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../check.h"

static void *work(void *unused) {
  void *kept[100];
  for (int i = 0; i < 100; i++) CHECK((kept[i] = MALLOC((size_t)i * 7 + 1)));
  for (int i = 0; i < 100; i++) free(kept[i]);
  return unused;
}

/* Numbers are free that are free without the library: programs rely on the lowest, and on a child's having only what they passed. */
static void none_taken(void) {
  const char *inherited = getenv("INHERITED_DESCRIPTORS");
  for (int fd = 3; fd < 256; fd++) {
    char name[16];
    snprintf(name, sizeof name, " %d ", fd);
    CHECK(fcntl(fd, F_GETFD) < 0 || (inherited && strstr(inherited, name)));
  }
}

int main(void) {
  free(MALLOC(10));
  none_taken();
  for (int fd = 3; fd < 1024; fd++) close(fd);
  FILE *file = tmpfile();
  CHECK(file);
  CHECK(fwrite("content", 1, 7, file) == 7 && fflush(file) == 0);
  for (int fd = 3; fd < 200; fd++)
    if (fd != fileno(file)) dup2(fileno(file), fd);
  for (int i = 0; i < 50; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, work, NULL) == 0);
    pid_t pid = i % 5 ? 0 : fork();
    if (i % 5 == 0 && pid == 0) {
      work(NULL);
      _exit(0);
    }
    if (pid > 0) CHECK(waitpid(pid, NULL, 0) == pid);
    CHECK(pthread_join(thread, NULL) == 0);
  }
  struct stat st;
  for (int fd = 3; fd < 200; fd++) CHECK(fstat(fd, &st) == 0 && st.st_size == 7);
  return 0;
}
