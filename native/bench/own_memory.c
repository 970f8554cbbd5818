#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "workload.h"

void *own_memory(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("bench: mmap");
    exit(4);
  }
  memset(memory, 0, bytes); // resident before anything is measured
  return memory;
}

void own_memory_free(void *memory, size_t bytes) { munmap(memory, bytes); }
