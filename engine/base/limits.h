// Every limit a peer can run into, with the relations between them asserted.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace swarmcast {

// One message = one packet: it must fit one SCTP packet under a 1,200-byte DTLS record.
inline constexpr size_t kMaxMessageSize = 1'156;
// Nothing longer is parsed before the link proof has succeeded.
inline constexpr size_t kMaxHelloSize = 1'024;
inline constexpr Duration kHelloTimeout = Duration::seconds(3);

inline constexpr size_t kSignatureSize = 64;
inline constexpr size_t kPublicKeySize = 32;
inline constexpr size_t kAeadTagSize = 16;

// k source + r parity fragments a frame: a path of at most 8 siblings.
inline constexpr size_t kMaxFragmentsPerFrame = 255;
inline constexpr size_t kMaxSourceFragments = 200;
inline constexpr size_t kMerkleNodeSize = 8;
inline constexpr size_t kMaxMerkleDepth = 8;

// type, hop flags, link sequence | frame header | fragment index
inline constexpr size_t kHopHeaderSize = 4;
inline constexpr size_t kFrameHeaderSize = 18;
inline constexpr size_t kFragmentHeaderSize = kHopHeaderSize + kFrameHeaderSize + 1;
inline constexpr size_t kMaxFragmentOverhead =
    kFragmentHeaderSize + kSignatureSize + kMaxMerkleDepth * kMerkleNodeSize;
// A repair names the number it answers behind the fragment.
inline constexpr size_t kRepairTrailerSize = 2;
inline constexpr size_t kMaxFragmentMessageSize = kMaxMessageSize - kRepairTrailerSize;
// Largest payload of a fragment in a frame of few (d = 0) fragments.
inline constexpr size_t kMaxFragmentPayload =
    kMaxFragmentMessageSize - kFragmentHeaderSize - kSignatureSize;
// A sealed frame that fits even with the longest path.
inline constexpr size_t kMaxSealedFrameSize =
    kMaxSourceFragments * (kMaxFragmentMessageSize - kMaxFragmentOverhead);
inline constexpr size_t kMaxFrameSize = kMaxSealedFrameSize - kAeadTagSize;

inline constexpr uint8_t kMaxDepth = 7;
inline constexpr size_t kDefaultMaxChildren = 4;
inline constexpr size_t kMaxLinks = 64;
inline constexpr size_t kMaxTracks = 8;
// Further addresses that a node with several interfaces tells its children.
inline constexpr size_t kMaxOtherAddresses = 3;

// Media older than this leaves the ring and is wiped.
inline constexpr Duration kDefaultRingSpan = Duration::seconds(4);
inline constexpr Duration kMaxRingSpan = Duration::seconds(10);
inline constexpr Duration kMaxPlayout = Duration::seconds(3);
inline constexpr Duration kMinPlayout = Duration::millis(20);

// Failed authenticity checks tolerated on one link before it is closed.
inline constexpr int kMaxForgeriesPerLink = 10;

// Capture times travel in 40 bits of microseconds: a broadcast ends before 12 days.
inline constexpr int64_t kMaxStreamTimeUs = (int64_t{1} << 40) - 1;

static_assert(kMaxHelloSize <= kMaxMessageSize);
static_assert(kMaxSourceFragments <= kMaxFragmentsPerFrame);
static_assert(kMaxFragmentsPerFrame <= (size_t{1} << kMaxMerkleDepth));
static_assert(kMaxFragmentOverhead < kMaxMessageSize);
static_assert(kMaxSealedFrameSize < (size_t{1} << 24), "24 bits on the wire");
static_assert(kDefaultRingSpan <= kMaxRingSpan);
static_assert(kMaxPlayout < kDefaultRingSpan, "a repair must still find the fragment in the ring");

}  // namespace swarmcast
