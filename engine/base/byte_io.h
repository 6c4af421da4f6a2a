// Bounded big-endian reading and writing of messages.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace swarmcast {

// Reads past the end yield zeroes and clear ok(); check ok() once, after the last read.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan data) : rest_(data) {}

  uint8_t u8() { return static_cast<uint8_t>(uint(1)); }
  uint16_t u16() { return static_cast<uint16_t>(uint(2)); }
  uint32_t u24() { return static_cast<uint32_t>(uint(3)); }
  uint32_t u32() { return static_cast<uint32_t>(uint(4)); }
  uint64_t u40() { return uint(5); }
  uint64_t u64() { return uint(8); }

  ByteSpan bytes(size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    ByteSpan out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return out;
  }
  template <size_t N>
  Bytes<N> array() {
    Bytes<N> out{};
    ByteSpan in = bytes(N);
    if (in.size() == N) std::memcpy(out.data(), in.data(), N);
    return out;
  }
  ByteSpan rest() const { return rest_; }
  bool ok() const { return ok_; }
  // True if every read succeeded and nothing is left over.
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  uint64_t uint(size_t n) {
    ByteSpan in = bytes(n);
    uint64_t v = 0;
    for (uint8_t b : in) v = v << 8 | b;
    return v;
  }
  ByteSpan rest_;
  bool ok_ = true;
};

// Writing past the end is our own fault: CHECK.
class ByteWriter {
 public:
  explicit ByteWriter(MutableByteSpan out) : out_(out) {}

  void u8(uint64_t v) { uint(v, 1); }
  void u16(uint64_t v) { uint(v, 2); }
  void u24(uint64_t v) { uint(v, 3); }
  void u32(uint64_t v) { uint(v, 4); }
  void u40(uint64_t v) { uint(v, 5); }
  void u64(uint64_t v) { uint(v, 8); }
  void bytes(ByteSpan in) {
    SWARMCAST_CHECK(in.size() <= out_.size() - used_);
    if (!in.empty()) std::memcpy(out_.data() + used_, in.data(), in.size());
    used_ += in.size();
  }
  size_t size() const { return used_; }
  size_t space() const { return out_.size() - used_; }
  MutableByteSpan written() const { return out_.first(used_); }

 private:
  void uint(uint64_t v, size_t n) {
    SWARMCAST_CHECK(n <= out_.size() - used_);
    for (size_t i = 0; i < n; ++i) out_[used_ + i] = static_cast<uint8_t>(v >> 8 * (n - 1 - i));
    used_ += n;
  }
  MutableByteSpan out_;
  size_t used_ = 0;
};

}  // namespace swarmcast
