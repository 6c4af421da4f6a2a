// Identifiers as types: a FrameNumber is not a LinkId, and neither is an int.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

namespace swarmcast {

template <typename Tag, typename Rep>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : v_(v) {}
  constexpr Rep value() const { return v_; }
  constexpr auto operator<=>(const StrongId&) const = default;
  constexpr StrongId next() const { return StrongId(static_cast<Rep>(v_ + 1)); }

 private:
  Rep v_{};
};

// A link to one neighbour, named by this host; never reused within a run.
using LinkId = StrongId<struct LinkIdTag, uint32_t>;
// A way to exchange signals with somebody to whom there is no link yet: a connection to (or, at a
// gateway, from) him. Named by the host; never reused within a run.
using SignalPathId = StrongId<struct SignalPathIdTag, uint32_t>;
// One elementary stream of the broadcast: kVideoTrack, kAudioTrack; more with more cameras.
using TrackId = StrongId<struct TrackIdTag, uint8_t>;
// Frames of a track are numbered 0, 1, 2, ... in decode order. 32 bits on the wire, never wraps:
// 2^32 frames are 2 years at 60 a second.
using FrameNumber = StrongId<struct FrameNumberTag, uint32_t>;
// A chunk (one mini-GOP) is named by the number of its first frame.
using ChunkId = StrongId<struct ChunkIdTag, uint32_t>;
using StripeId = StrongId<struct StripeIdTag, uint8_t>;
// Epoch number within a root's term; the low byte travels in every frame header.
using EpochNumber = StrongId<struct EpochNumberTag, uint32_t>;
// A link's own number of a media message, unwrapped from 16 bits on the wire.
using LinkSequence = StrongId<struct LinkSequenceTag, uint64_t>;

inline constexpr TrackId kVideoTrack{0};
inline constexpr TrackId kAudioTrack{1};

struct FrameId {
  TrackId track;
  FrameNumber number;
  constexpr auto operator<=>(const FrameId&) const = default;
};

struct FragmentId {
  FrameId frame;
  uint8_t index = 0;  // 0..k-1 source fragments, k..k+r-1 parity
  constexpr auto operator<=>(const FragmentId&) const = default;
};

// First 16 bytes of BLAKE2b-256 over a peer's Ed25519 public key.
struct PeerId {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const PeerId&) const = default;
};

}  // namespace swarmcast

template <typename Tag, typename Rep>
struct std::hash<swarmcast::StrongId<Tag, Rep>> {
  size_t operator()(swarmcast::StrongId<Tag, Rep> id) const noexcept {
    return std::hash<Rep>()(id.value());
  }
};
template <>
struct std::hash<swarmcast::FrameId> {
  size_t operator()(const swarmcast::FrameId& id) const noexcept {
    return std::hash<uint64_t>()((uint64_t{id.track.value()} << 32) | id.number.value());
  }
};
template <>
struct std::hash<swarmcast::PeerId> {
  size_t operator()(const swarmcast::PeerId& id) const noexcept {
    size_t h;
    std::memcpy(&h, id.bytes.data(), sizeof h);
    return h;
  }
};
