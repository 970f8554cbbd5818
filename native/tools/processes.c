#include "processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "values.h"

#define SUFFIX ".tslab"
#define DELETED " (deleted)"
/* The C library would read the list of mappings in pieces of 1 KiB, and of every process: the kernel hands out a page at a time. */
#define MAPS_BYTES (4u << 10)

static FILE *open_proc(uint32_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%u/%s", (unsigned)pid, name);
  return fopen(path, "re");
}

/* The text after "key:" in /proc/pid/status. False when there is none. */
static bool status_line(uint32_t pid, const char *key, char *out, size_t bytes) {
  FILE *status = open_proc(pid, "status");
  bool found = false;
  size_t length = strlen(key);
  while (status && !found && fgets(out, (int)bytes, status)) found = strncmp(out, key, length) == 0 && out[length] == ':';
  if (status) fclose(status);
  if (found) memmove(out, out + length + 1, strlen(out + length + 1) + 1);
  return found;
}

ProcessState process_state(uint32_t pid) {
  char line[256];
  if (!status_line(pid, "State", line, sizeof line) || strchr(line, 'Z')) return PROCESS_ENDED;
  FILE *maps = open_proc(pid, "maps");
  if (!maps) return errno == EACCES || errno == EPERM ? PROCESS_HIDDEN : PROCESS_ENDED;
  /* Where opening is allowed to everybody, reading is refused. */
  bool refused = fgetc(maps) == EOF && ferror(maps);
  fclose(maps);
  return refused ? PROCESS_HIDDEN : PROCESS_RUNS;
}

uint32_t process_inner_pid(uint32_t pid) {
  char line[256];
  if (!status_line(pid, "NSpid", line, sizeof line)) return 0;
  char *last = strrchr(line, '\t');
  return last ? (uint32_t)strtoul(last, NULL, 10) : 0;
}

uint64_t process_uptime_sec(uint64_t start_ticks) {
  struct timespec now;
  long ticks = sysconf(_SC_CLK_TCK);
  if (ticks <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
  /* In ticks: whole seconds of each would differ by up to one too many. */
  uint64_t now_ticks = (uint64_t)now.tv_sec * (uint64_t)ticks + (uint64_t)now.tv_nsec * (uint64_t)ticks / 1000000000u;
  return now_ticks > start_ticks ? (now_ticks - start_ticks) / (uint64_t)ticks : 0;
}

void processes_each(void (*visit)(void *context, uint32_t pid), void *context) {
  DIR *proc = opendir("/proc");
  for (struct dirent *entry; proc && (entry = readdir(proc));) {
    uint64_t pid;
    if (value_count(entry->d_name, 1, UINT32_MAX, &pid)) visit(context, (uint32_t)pid);
  }
  if (proc) closedir(proc);
}

static bool ends_with(const char *text, size_t length, const char *end) {
  size_t tail = strlen(end);
  return length >= tail && memcmp(text + length - tail, end, tail) == 0;
}

void process_mapped_files(uint32_t pid, void (*visit)(void *context, const MappedFile *file), void *context) {
  FILE *maps = open_proc(pid, "maps");
  char *line = NULL, buffer[MAPS_BYTES];
  size_t room = 0;
  uint64_t before = 0;
  if (maps) setvbuf(maps, buffer, _IOFBF, sizeof buffer);
  for (ssize_t length; maps && (length = getline(&line, &room, maps)) > 0;) {
    if (line[length - 1] == '\n') line[--length] = 0;
    unsigned long long inode;
    int at = 0;
    bool deleted = ends_with(line, (size_t)length, DELETED);
    if (deleted) line[length -= (ssize_t)strlen(DELETED)] = 0;
    if (!ends_with(line, (size_t)length, SUFFIX) || sscanf(line, "%*s %*s %*s %*s %llu %n", &inode, &at) != 1 || line[at] != '/') continue;
    /* Most parts of one file are mapped next to each other. */
    if (inode != before) visit(context, &(MappedFile){.pid = pid, .path = line + at, .inode = inode, .deleted = deleted});
    before = inode;
  }
  free(line);
  if (maps) fclose(maps);
}
