// Views of bytes, and fixed-size byte strings.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace swarmcast {

using ByteSpan = std::span<const uint8_t>;
using MutableByteSpan = std::span<uint8_t>;

template <size_t N>
using Bytes = std::array<uint8_t, N>;

inline bool equal(ByteSpan a, ByteSpan b) { return std::ranges::equal(a, b); }

}  // namespace swarmcast
