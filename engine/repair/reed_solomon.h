// Systematic Cauchy Reed-Solomon over GF(2^8) for the fragments of one frame (spec/repair.md;
// Bloemer et al., "An XOR-Based Erasure-Resilient Coding Scheme", 1995). Any k of the k + r
// fragments give the frame.
#pragma once

#include <bitset>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/limits.h"
#include "engine/repair/gf256_kernels.h"

namespace swarmcast::repair {

// Bit i: fragment i of a frame is at hand.
using FragmentSet = std::bitset<kMaxFragmentsPerFrame + 1>;

// Coefficient of data fragment `column` in parity fragment `row`: 1 / ((255 - row) ^ column).
// row + column < 255.
uint8_t cauchy_coefficient(unsigned row, unsigned column);

// Writes parity fragment `row` (0..r-1) of the data fragments. All spans have one size;
// data.size() + row < 255.
void encode_parity(std::span<const ByteSpan> data, unsigned row, MutableByteSpan out,
                   const gf256::Kernel& kernel = gf256::best_kernel());

// Rebuilds every data fragment that is not in `present` from k of those that are.
// `fragments` holds k + r spans: those present are read, the missing data fragments (index < k)
// are written, missing parity is ignored. A missing fragment's span may be shorter than the
// others: only its head is rebuilt (the last data fragment without its padding).
// Returns the number of fragments rebuilt; -1 if fewer than k are present.
int reconstruct(unsigned k, std::span<const MutableByteSpan> fragments, const FragmentSet& present,
                const gf256::Kernel& kernel = gf256::best_kernel());

}  // namespace swarmcast::repair
