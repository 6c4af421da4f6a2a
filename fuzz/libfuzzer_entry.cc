// One libFuzzer program for each target: FUZZ_TARGET names it.
#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  swarmcast::fuzz::FUZZ_TARGET({data, size});
  return 0;
}
