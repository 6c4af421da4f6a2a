// A frame whose fragments can all be written: the source's own, or one that a relay has rebuilt
// and checked against the verified root.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/fragment.h"
#include "engine/base/frame.h"
#include "engine/crypto/merkle.h"

namespace swarmcast::crypto {

// What the source signs: "swarmcast frame v1" || header || root.
inline constexpr size_t kFrameStatementSize = 19 + kFrameHeaderSize + 32;
Bytes<kFrameStatementSize> frame_statement(const EncodedFrameHeader& header,
                                           const MerkleRoot& root);

// Borrows the payloads, spans and bytes, that it was made from. Only FrameSigner and FrameVerifier
// make one and write its fragments.
class SignedFrame {
 public:
  const FrameHeader& header() const { return header_; }

 private:
  friend class FrameSigner;
  friend class FrameVerifier;

  SignedFrame(const FrameHeader& header, std::span<const ByteSpan> payloads, const MerkleTree& tree,
              const Signature& signature)
      : header_(header), payloads_(payloads), tree_(tree), signature_(signature) {}
  FragmentView write(uint8_t index, MutableByteSpan message) const;

  FrameHeader header_;
  std::span<const ByteSpan> payloads_;
  MerkleTree tree_;
  Signature signature_;
};

}  // namespace swarmcast::crypto
