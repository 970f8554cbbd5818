#include "prune.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_own_directory(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* The name in the directory still stands for the file that was judged. */
static bool is_same(int directory, const char *name, const CounterFile *file) {
  struct stat st;
  return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == geteuid() && st.st_dev == file->device && st.st_ino == file->inode;
}

bool prune_counter_file(const CounterFile *file) {
  CounterFile now;
  char directory[FOUND_PATH_BYTES];
  memcpy(directory, file->path, sizeof directory);
  char *slash = strrchr(directory, '/');
  if (file->result != COUNTER_READ_OK || file->live || !slash) return false;
  *slash = 0;
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  counter_file_examine(file->path, 0, &now);
  bool dead = now.result == COUNTER_READ_OK && !now.live;
  bool removed = dead && is_own_directory(fd) && is_same(fd, slash + 1, &now) && unlinkat(fd, slash + 1, 0) == 0;
  close(fd);
  return removed;
}
