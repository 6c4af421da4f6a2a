// Everybody's check of fragments: the first of a frame costs one signature, the rest only hashes.
#pragma once

#include <array>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/fragment.h"
#include "engine/crypto/signed_frame.h"

namespace swarmcast::crypto {

class FrameVerifier {
 public:
  // Frames remembered as verified: 3.6 s of 20 pictures and 50 sound packets a second.
  static constexpr size_t kWays = 4;
  static constexpr size_t kSets = 64;

  // `verify` = false is Safeguards' test switch: everything is believed.
  FrameVerifier(const CryptoProvider& crypto, const PublicKey& source, bool verify = true)
      : crypto_(crypto), source_(source), verify_(verify) {}

  // nullopt: not the source's, or it contradicts a frame of that number verified before. The
  // result borrows what `fragment` borrows.
  std::optional<VerifiedFragment> verify(const FragmentView& fragment);

  // Of a frame that a fragment was verified of, while it is remembered; else nullptr. Valid until
  // the next verify().
  const FrameProof* proof_of(FrameId frame) const;

  // For a relay that has decoded a frame: with all k + r payloads, rebuilt from any k, it can
  // write the fragments it never got. nullopt if the frame is no longer remembered or `payloads`
  // are not exactly the source's (its count and sizes are then not looked at either). `payloads`
  // is borrowed until the last write().
  std::optional<SignedFrame> rebuild(const FrameHeader& header,
                                     std::span<const ByteSpan> payloads) const;

  // As FrameSigner::write().
  VerifiedFragment write(const SignedFrame& frame, uint8_t index, MutableByteSpan message) const;

 private:
  struct VerifiedFrame {
    bool used = false;
    FrameProof proof;
    MerkleRoot root{};
  };
  using Set = std::array<VerifiedFrame, kWays>;

  const VerifiedFrame* find(FrameId id) const;
  void remember(const VerifiedFrame& frame);
  bool check(const FragmentView& fragment);

  const CryptoProvider& crypto_;
  PublicKey source_;
  bool verify_;
  std::array<Set, kSets> sets_{};  // a set-associative cache, indexed by the frame's number
};

}  // namespace swarmcast::crypto
