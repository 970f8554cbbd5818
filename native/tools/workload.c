#include "workload.h"

#include <string.h>

const Workload *const workloads[] = {&workload_mixed, &workload_burst,   &workload_steady, &workload_leak,
                                     &workload_hotspot, &workload_kernel, NULL};

const Workload *workload_find(const char *name) {
  for (size_t i = 0; workloads[i]; i++)
    if (strcmp(workloads[i]->name, name) == 0) return workloads[i];
  return NULL;
}
