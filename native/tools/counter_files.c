#include "counter_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "processes.h"

/* Room for one more, NULL when memory is exhausted. It counts once count is raised. */
static CounterFile *next_file(CounterFiles *found) {
  if (found->count == found->capacity) {
    size_t capacity = found->capacity ? found->capacity * 2 : 16;
    CounterFile *files = realloc(found->files, capacity * sizeof *files);
    if (!files) {
      found->failed = true;
      return NULL;
    }
    found->files = files;
    found->capacity = capacity;
  }
  return &found->files[found->count];
}

static bool is_known(const CounterFiles *found, dev_t device, ino_t inode) {
  for (size_t i = 0; i < found->count; i++)
    if (found->files[i].device == device && found->files[i].inode == inode) return true;
  return false;
}

void counter_files_free(CounterFiles *found) {
  free(found->files);
  *found = (CounterFiles){0};
}

void counter_file_examine(const char *path, uint32_t process, CounterFile *out) {
  CounterReader reader;
  struct stat st;
  memset(out, 0, sizeof *out);
  snprintf(out->path, sizeof out->path, "%s", path);
  out->result = counter_reader_open(&reader, path, out->error, sizeof out->error);
  if (out->result != COUNTER_READ_OK) return;
  if (fstat(reader.fd, &st) == 0) {
    out->device = st.st_dev;
    out->inode = st.st_ino;
  }
  out->identity = reader.identity;
  out->live = counter_reader_is_live(&reader, process);
  if (out->live) out->pid = process ? process : os_process_start_ticks(reader.identity.pid) == reader.identity.start_ticks ? reader.identity.pid : 0;
  counter_reader_close(&reader);
}

bool counter_file_has_name(const CounterFile *file, const char *name) {
  return strcmp(name, file->identity.name) == 0 || strcmp(name, file->identity.command) == 0;
}

/* What a visit of one process finds. */
typedef struct Mapped {
  CounterFiles *found;
  unsigned unreachable;
} Mapped;

/* Where this process finds a file that another one maps: through the other's root, by its plain name where that is the same file, or by the plain
 * name alone where the other has changed its root since. */
static bool reach(const MappedFile *file, char path[FOUND_PATH_BYTES], struct stat *st) {
  char through[FOUND_PATH_BYTES];
  struct stat plain;
  bool here = snprintf(path, FOUND_PATH_BYTES, "%s", file->path) < FOUND_PATH_BYTES && lstat(path, &plain) == 0 && plain.st_ino == file->inode;
  bool there = snprintf(through, sizeof through, "/proc/%u/root%s", (unsigned)file->pid, file->path) < FOUND_PATH_BYTES &&
               lstat(through, st) == 0 && st->st_ino == file->inode;
  if (there && !(here && plain.st_dev == st->st_dev)) memcpy(path, through, sizeof through);
  if (!there) *st = plain;
  return here || there;
}

static void add_mapped(void *context, const MappedFile *file) {
  Mapped *mapped = context;
  char path[FOUND_PATH_BYTES];
  struct stat st;
  if (file->deleted || !reach(file, path, &st)) {
    mapped->unreachable++;
    return;
  }
  CounterFile *out = is_known(mapped->found, st.st_dev, st.st_ino) ? NULL : next_file(mapped->found);
  if (!out) return;
  counter_file_examine(path, file->pid, out);
  if (out->result == COUNTER_READ_NO_FILE) return; /* gone in between */
  if (out->result != COUNTER_READ_OK) {
    out->device = st.st_dev, out->inode = st.st_ino;
  } else {
    /* A forked child may still map a file of its parent: it is the parent's, who will be met as well. */
    if (out->identity.pid != process_inner_pid(file->pid) || out->identity.start_ticks != os_process_start_ticks(file->pid)) return;
    out->live = true;
    out->pid = file->pid;
  }
  mapped->found->count++;
}

unsigned counter_files_of_process(uint32_t pid, CounterFiles *out) {
  Mapped mapped = {.found = out};
  process_mapped_files(pid, add_mapped, &mapped);
  return mapped.unreachable;
}

static void add_process(void *context, uint32_t pid) { counter_files_of_process(pid, context); }

static bool is_counter_file_name(const char *name) {
  size_t length = strlen(name);
  return length > 6 && strcmp(name + length - 6, ".tslab") == 0;
}

/* A directory that others could put files into says nothing. */
static bool is_trusted(int directory) {
  struct stat st;
  return fstat(directory, &st) == 0 && (st.st_uid == geteuid() || geteuid() == 0) && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static void add_directory(CounterFiles *found, const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  DIR *directory = is_trusted(fd) ? fdopendir(fd) : NULL;
  if (!directory) close(fd);
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    char file[FOUND_PATH_BYTES];
    struct stat st;
    if (!is_counter_file_name(entry->d_name) || snprintf(file, sizeof file, "%s/%s", path, entry->d_name) >= (int)sizeof file) continue;
    if (lstat(file, &st) != 0 || is_known(found, st.st_dev, st.st_ino)) continue;
    CounterFile *out = next_file(found);
    if (!out) break;
    counter_file_examine(file, 0, out);
    if (out->result == COUNTER_READ_NO_FILE) continue;
    out->device = st.st_dev, out->inode = st.st_ino;
    found->count++;
  }
  if (directory) closedir(directory);
}

/* The directories of the first count files. */
static void add_siblings(CounterFiles *found, size_t count) {
  char before[FOUND_PATH_BYTES] = "";
  for (size_t i = 0; i < count; i++) {
    char directory[FOUND_PATH_BYTES];
    memcpy(directory, found->files[i].path, sizeof directory);
    char *slash = strrchr(directory, '/');
    if (!slash) continue;
    *slash = 0;
    if (strcmp(directory, before) != 0) add_directory(found, directory);
    memcpy(before, directory, sizeof before);
  }
}

static void add_matching(CounterFiles *found, const char *pattern) {
  glob_t matches;
  if (glob(pattern, GLOB_NOSORT, NULL, &matches) != 0) return;
  for (size_t i = 0; i < matches.gl_pathc; i++) add_directory(found, matches.gl_pathv[i]);
  globfree(&matches);
}

void counter_files_everywhere(CounterFiles *found) {
  char own[COUNTER_PATH_BYTES], runtime[64], shared[64];
  processes_each(add_process, found);
  add_siblings(found, found->count);
  if (counter_directory(own)) add_directory(found, own);
  snprintf(runtime, sizeof runtime, "/run/user/%u/tslab", (unsigned)geteuid());
  snprintf(shared, sizeof shared, "/dev/shm/tslab-%u", (unsigned)geteuid());
  add_matching(found, geteuid() == 0 ? "/run/user/*/tslab" : runtime);
  add_matching(found, geteuid() == 0 ? "/dev/shm/tslab-*" : shared);
}
