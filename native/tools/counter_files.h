/* Finds counter files: those that processes map, whatever mount or pid namespace they are in, and those in directories, which dead processes
 * left. What a file's header says of its process is believed only where the process bears it out: it maps the file, knows itself by that pid and
 * started at that instant. */
#ifndef TOOLS_COUNTER_FILES_H
#define TOOLS_COUNTER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "counter_reader.h"

#define FOUND_PATH_BYTES (COUNTER_PATH_BYTES + 128)

typedef struct CounterFile {
  char path[FOUND_PATH_BYTES]; /* as this process can open it */
  dev_t device;
  ino_t inode;
  CounterReadResult result;    /* other than COUNTER_READ_OK: only path and error are set */
  char error[160];
  CounterFileHeader identity;  /* hostile text in command and name */
  bool live;
  uint32_t pid;                /* under which this process sees the live process that owns it; 0: not seen, or dead */
} CounterFile;

typedef struct CounterFiles {
  CounterFile *files;
  size_t count, capacity;
  bool failed; /* memory ran out: some are missing */
} CounterFiles;

/* Opens and judges one file by its path, which must not be a symbolic link. process: as far as known, else 0. */
void counter_file_examine(const char *path, uint32_t process, CounterFile *out);

/* The instance has this name, or its process this command. */
bool counter_file_has_name(const CounterFile *file, const char *name);

/* Adds the files of one process. Returns how many counter files it maps that cannot be reached by their name. */
unsigned counter_files_of_process(uint32_t pid, CounterFiles *out);

/* Adds all that can be found: of every process that is shown, in the directories these are in, and in the usual places: of this user, or of
 * everybody where this process is root's. */
void counter_files_everywhere(CounterFiles *out);

void counter_files_free(CounterFiles *files);

#endif
