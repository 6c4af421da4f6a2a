// The source's side of self-verifying fragments: one Merkle tree and one signature a frame.
#pragma once

#include "engine/crypto/signed_frame.h"

namespace swarmcast::crypto {

//   SignedFrame frame = signer.sign(header, payloads);
//   for (i = 0; i < header.total(); ++i) store(signer.write(frame, i, slot_of(i)));
class FrameSigner {
 public:
  // Keeps a copy of `key`, wiped on destruction.
  FrameSigner(const CryptoProvider& crypto, const SigningKey& key) : crypto_(crypto), key_(key) {}
  ~FrameSigner() { crypto_.wipe(key_.bytes); }
  FrameSigner(const FrameSigner&) = delete;
  FrameSigner& operator=(const FrameSigner&) = delete;

  // `payloads` are the frame's k source and r parity fragments, header.fragment_payload() bytes
  // each; borrowed until the last write().
  SignedFrame sign(const FrameHeader& header, std::span<const ByteSpan> payloads) const;

  // Writes fragment `index` with an empty hop header; message.size() ==
  // fragment_message_size(frame.header()). The result borrows `message`.
  VerifiedFragment write(const SignedFrame& frame, uint8_t index, MutableByteSpan message) const;

 private:
  const CryptoProvider& crypto_;
  SigningKey key_;
};

}  // namespace swarmcast::crypto
