/* The target as libFuzzer wants it (make fuzz-libfuzzer; needs clang and its runtime). A difference from the model aborts, so that
 * the input is kept and can be minimised. */
#include <stdlib.h>

#include "check.h"
#include "ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes) {
  ops_play(input, bytes);
  if (check_failures()) abort();
  return 0;
}
