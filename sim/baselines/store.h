// The stream in fragments, and what one peer of a baseline has of it.
#pragma once

#include <array>
#include <bitset>
#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/time.h"

namespace swarmcast::sim {

inline constexpr size_t kMostFragments = 512;  // of a frame: a key picture at 20 Mbit/s

struct FragmentKey {
  uint32_t frame = 0;
  uint16_t index = 0;
  auto operator<=>(const FragmentKey&) const = default;
};

struct StreamFrame {
  Instant captured;
  Instant deadline;  // to be shown
  uint16_t fragments = 1;
  uint16_t payload = 0;  // of each fragment, bytes
  bool key = false;
  uint8_t depends_on = 0;  // frames back; 0: none
};

// All frames captured so far. Everybody may look up the shape of a frame that it has heard of.
using Stream = std::vector<StreamFrame>;

struct FrameMap {
  uint32_t frame = 0;
  std::bitset<kMostFragments> have;
};

class Store {
 public:
  explicit Store(const Stream& stream) : stream_(stream), ring_(kRing) {}

  // It came `hops` from the source. False: it was there, or is too old.
  bool add(FragmentKey key, Instant now, uint8_t hops = 0);
  // How far what is there has come; 0: at the source, or it is not there.
  uint8_t hops(FragmentKey key) const;
  // How far the newest fragment has come; 0: there is none, or it is the source.
  uint8_t newest_hops() const { return newest_hops_; }
  bool has(FragmentKey key) const;
  // When it could be decoded, all that it refers to included; nullopt: not yet.
  std::optional<Instant> decodable(uint32_t frame) const;
  // What of it is there; nullptr: nothing.
  const FrameMap* find(uint32_t frame) const;

  uint64_t fresh = 0;  // bytes of payload
  uint64_t again = 0;  // that were there already

 private:
  static constexpr uint32_t kRing = 128;  // frames, more than are ever due
  struct Slot {
    FrameMap map;
    size_t count = 0;
    std::optional<Instant> complete_at;
    std::array<uint8_t, kMostFragments> hops{};
  };
  const Slot* slot(uint32_t frame) const;

  const Stream& stream_;
  std::vector<Slot> ring_;
  uint8_t newest_hops_ = 0;
};

}  // namespace swarmcast::sim
