// A fragment as a claim (FragmentView) and as a fact (VerifiedFragment).
#pragma once

#include <array>

#include "engine/base/bytes.h"
#include "engine/base/frame.h"

namespace swarmcast {

// Parsed, well-formed, not believed. Borrows the message it was parsed from.
struct FragmentView {
  FrameHeader header;
  uint8_t index = 0;
  ByteSpan message;    // the whole message, hop header included
  ByteSpan signature;  // kSignatureSize
  ByteSpan path;       // merkle_depth(k + r) * kMerkleNodeSize
  ByteSpan payload;    // header.fragment_payload()

  FragmentId id() const { return {header.id, index}; }
};

// What all fragments of a frame have in common, and any one of them proves.
struct FrameProof {
  FrameHeader header;
  Bytes<kSignatureSize> signature{};
  // The two nodes below the root of its Merkle tree; zeroes in a frame of one fragment.
  std::array<Bytes<kMerkleNodeSize>, 2> top{};
};

namespace crypto {
class FrameVerifier;
class FrameSigner;
}  // namespace crypto

// Proven to be the source's own. Only the verifier (and the signer, for our own frames) makes one;
// nothing else enters the store or is forwarded.
class VerifiedFragment {
 public:
  const FragmentView& view() const { return view_; }

 private:
  friend class crypto::FrameVerifier;
  friend class crypto::FrameSigner;
  explicit VerifiedFragment(const FragmentView& view) : view_(view) {}
  FragmentView view_;
};

}  // namespace swarmcast
