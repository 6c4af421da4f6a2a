#include "host/stamp/stamp.h"

#include <algorithm>

namespace swarmcast {
namespace {

// 64 bits, most significant first: 48 of value, 16 of CRC. At 320x180 a block is 10 x 10 samples.
constexpr int kColumns = 32;
constexpr int kRows = 2;
constexpr int kRowsPerPicture = 18;  // a block row is 1/18 of the height

constexpr uint8_t kBlack = 16;
constexpr uint8_t kWhite = 235;
// A block whose mean lies between these is no bit at all.
constexpr int kSurelyBlack = 90;
constexpr int kSurelyWhite = 160;

struct Block {
  int left, top, right, bottom;
};

Block block_of(int bit, int width, int height) {
  const int column = bit % kColumns;
  const int row = bit / kColumns;
  return {column * width / kColumns, row * height / kRowsPerPicture,
          (column + 1) * width / kColumns, (row + 1) * height / kRowsPerPicture};
}

// CRC-16/CCITT-FALSE over the six bytes of the value: an all-black or all-white band fails it.
uint16_t crc16(uint64_t value) {
  uint16_t crc = 0xffff;
  for (int shift = 40; shift >= 0; shift -= 8) {
    crc = static_cast<uint16_t>(crc ^ ((value >> shift & 0xff) << 8));
    for (int i = 0; i < 8; ++i)
      crc = static_cast<uint16_t>(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

bool large_enough(int width, int height) {
  return width >= kMinStampWidth && height >= kMinStampHeight;
}

// Mean of the middle of a block: its rim is blurred by scaling and coding.
int middle_mean(const uint8_t* luma, size_t stride, Block b) {
  const int dx = (b.right - b.left) / 4;
  const int dy = (b.bottom - b.top) / 4;
  const int count = (b.right - b.left - 2 * dx) * (b.bottom - b.top - 2 * dy);
  int sum = 0;
  for (int y = b.top + dy; y < b.bottom - dy; ++y) {
    for (int x = b.left + dx; x < b.right - dx; ++x)
      sum += luma[static_cast<size_t>(y) * stride + static_cast<size_t>(x)];
  }
  return sum / count;
}

}  // namespace

int stamp_height(int height) { return kRows * height / kRowsPerPicture; }

bool write_stamp(uint8_t* luma, size_t stride, int width, int height, uint64_t value) {
  if (!large_enough(width, height) || value > kMaxStamp) return false;
  const uint64_t bits = value << 16 | crc16(value);
  for (int bit = 0; bit < kColumns * kRows; ++bit) {
    const Block b = block_of(bit, width, height);
    const uint8_t shade = bits >> (63 - bit) & 1 ? kWhite : kBlack;
    for (int y = b.top; y < b.bottom; ++y) {
      uint8_t* row = luma + static_cast<size_t>(y) * stride;
      std::fill(row + b.left, row + b.right, shade);
    }
  }
  return true;
}

std::optional<uint64_t> read_stamp(const uint8_t* luma, size_t stride, int width, int height) {
  if (!large_enough(width, height)) return std::nullopt;
  uint64_t bits = 0;
  for (int bit = 0; bit < kColumns * kRows; ++bit) {
    const int mean = middle_mean(luma, stride, block_of(bit, width, height));
    if (mean > kSurelyBlack && mean < kSurelyWhite) return std::nullopt;
    bits = bits << 1 | (mean >= kSurelyWhite ? 1 : 0);
  }
  const uint64_t value = bits >> 16;
  if (crc16(value) != static_cast<uint16_t>(bits)) return std::nullopt;
  return value;
}

}  // namespace swarmcast
