// The inner loop of the erasure code: out ^= c * in over a fragment's bytes, in several
// instruction sets with one result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swarmcast::repair::gf256 {

// Multiplies n bytes of `in` by c and adds (XORs) them to `out`. `in` and `out` do not overlap.
using MulAdd = void (*)(uint8_t* out, const uint8_t* in, size_t n, uint8_t c);

struct Kernel {
  const char* name;
  MulAdd mul_add;
};

// The kernels this processor can run, slowest (scalar) first.
std::span<const Kernel> kernels();
// The last of them.
const Kernel& best_kernel();

}  // namespace swarmcast::repair::gf256
