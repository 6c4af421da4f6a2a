// A number in the picture: written into the luma plane as large black and white blocks, so that it
// survives H.264 at low bitrates and scaling. Tests and benchmarks read from it when a picture was
// captured, whatever happened to it on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace swarmcast {

// Stamps hold 48 bits: microseconds of CLOCK_MONOTONIC for 8.9 years of uptime.
inline constexpr uint64_t kMaxStamp = (uint64_t{1} << 48) - 1;
// Smaller pictures carry no stamp.
inline constexpr int kMinStampWidth = 160;
inline constexpr int kMinStampHeight = 90;

// Rows at the top of a picture of `height` that a stamp covers; leave chroma there neutral (128).
int stamp_height(int height);

// Writes `value` (0..kMaxStamp) and its CRC-16 over the top stamp_height(height) rows of an 8-bit
// luma plane. False, and nothing written, if the picture is too small or the value too large.
bool write_stamp(uint8_t* luma, size_t stride, int width, int height, uint64_t value);

// Reads a stamp from a picture of any size with the same field of view; nullopt if there is none
// or it is damaged.
std::optional<uint64_t> read_stamp(const uint8_t* luma, size_t stride, int width, int height);

}  // namespace swarmcast
