/* The directory that counter files stand in. */
#include "counter_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

bool counter_directory(char path[COUNTER_PATH_BYTES]) {
  const char *given = secure_getenv("TSLAB_DIR"), *runtime = secure_getenv("XDG_RUNTIME_DIR");
  int n;
  if (given && given[0])
    n = snprintf(path, COUNTER_PATH_BYTES, "%s", given);
  else if (runtime && runtime[0])
    n = snprintf(path, COUNTER_PATH_BYTES, "%s/tslab", runtime);
  else
    n = snprintf(path, COUNTER_PATH_BYTES, "/dev/shm/tslab-%u", (unsigned)geteuid());
  return n > 0 && n < COUNTER_PATH_BYTES;
}

int counter_directory_open(const char *path) {
  mkdir(path, 0700);
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  struct stat st;
  if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0) return fd;
  close(fd);
  return -1;
}

/* A file that somebody died over. */
typedef struct DeadFile {
  char name[64];
  struct timespec changed;
  dev_t dev;
  ino_t ino;
} DeadFile;

static bool is_dead(int dir, const char *name, DeadFile *out) {
  size_t length = strlen(name);
  bool ours = strncmp(name, ".new-", 5) == 0 || (length > 6 && strcmp(name + length - 6, ".tslab") == 0);
  if (!ours || length >= sizeof out->name) return false;
  int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  struct stat st;
  bool dead = flock(fd, LOCK_SH | LOCK_NB) == 0 && fstat(fd, &st) == 0;
  close(fd);
  if (!dead) return false;
  memcpy(out->name, name, length + 1);
  out->changed = st.st_mtim;
  out->dev = st.st_dev;
  out->ino = st.st_ino;
  return true;
}

/* Whether the name is the dead file's still: a process that has called exec may have published a new one under it. */
static bool is_still_there(int dir, const DeadFile *file) {
  struct stat st;
  return fstatat(dir, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == file->dev && st.st_ino == file->ino;
}

static bool earlier(const DeadFile *a, const DeadFile *b) {
  return a->changed.tv_sec < b->changed.tv_sec || (a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec < b->changed.tv_nsec);
}

/* Reads the directory without opendir, which would allocate: the caller may be malloc itself. */
void counter_directory_trim(int dir) {
  enum { DEAD_KEPT = 32, DEAD_LOOKED_AT = 128 };
  DeadFile dead[DEAD_LOOKED_AT];
  int count = 0;
  _Alignas(8) char entries[4096];
  int list = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (long n; list >= 0 && (n = syscall(SYS_getdents64, list, entries, sizeof entries)) > 0;)
    for (long at = 0; at < n && count < DEAD_LOOKED_AT;) {
      struct dirent64 *entry = (struct dirent64 *)(entries + at);
      at += entry->d_reclen;
      if (is_dead(dir, entry->d_name, &dead[count])) count++;
    }
  if (list >= 0) close(list);
  for (int over = count - DEAD_KEPT; over > 0; over--) {
    int oldest = 0;
    for (int i = 1; i < count; i++)
      if (earlier(&dead[i], &dead[oldest])) oldest = i;
    if (is_still_there(dir, &dead[oldest])) unlinkat(dir, dead[oldest].name, 0);
    dead[oldest] = dead[--count];
  }
}
