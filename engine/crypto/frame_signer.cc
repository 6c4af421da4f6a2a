#include "engine/crypto/frame_signer.h"

#include "engine/base/check.h"
#include "engine/wire/fragment.h"

namespace swarmcast::crypto {

SignedFrame FrameSigner::sign(const FrameHeader& header, std::span<const ByteSpan> payloads) const {
  SWARMCAST_CHECK(payloads.size() == header.total());
  for (ByteSpan payload : payloads) SWARMCAST_CHECK(payload.size() == header.fragment_payload());
  const EncodedFrameHeader encoded = wire::encode_frame_header(header);
  const MerkleTree tree(crypto_, encoded, payloads);
  return {header, payloads, tree, crypto_.sign(key_, frame_statement(encoded, tree.root()))};
}

VerifiedFragment FrameSigner::write(const SignedFrame& frame, uint8_t index,
                                    MutableByteSpan message) const {
  return VerifiedFragment(frame.write(index, message));
}

}  // namespace swarmcast::crypto
