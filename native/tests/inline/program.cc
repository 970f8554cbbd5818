// A program of somebody else's: plain headers, plain flags, C or C++. Prints what it did; tests/run builds it both ways and runs it with the shared library.
#include <stdio.h>
#include <temporal_slab_inline.h>

int main(void) {
  SlabAllocator *alloc = slab_allocator_create();
  SlabHandle handle;
  int made = 0, refused = 0;
  for (int i = 0; i < 1000; i++) {
    int *object = (int *)alloc_obj_epoch_inline(alloc, sizeof *object, 0, &handle);
    *object = i;
    made += *object == i && free_obj_inline(alloc, handle);
    refused += !free_obj_inline(alloc, handle);
    int *another = (int *)slab_malloc_epoch_inline(alloc, (size_t)(1 + i % SLAB_MAX_OBJECT_BYTES), 0);
    *another = i;
    made += *another == i && slab_free_inline(alloc, another);
  }
  slab_allocator_free(alloc);
  printf("%d made, %d refused\n", made, refused);
  return 0;
}
