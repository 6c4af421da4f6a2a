#include "engine/crypto/signed_frame.h"

#include "engine/base/byte_io.h"
#include "engine/crypto/kdf.h"
#include "engine/wire/fragment.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kFrameLabel = "swarmcast frame v1";

}  // namespace

Bytes<kFrameStatementSize> frame_statement(const EncodedFrameHeader& header,
                                           const MerkleRoot& root) {
  Bytes<kFrameStatementSize> statement;
  ByteWriter out(statement);
  out.bytes(kFrameLabel.bytes());
  out.bytes(header);
  out.bytes(root);
  SWARMCAST_CHECK(out.space() == 0);
  return statement;
}

FragmentView SignedFrame::write(uint8_t index, MutableByteSpan message) const {
  SWARMCAST_CHECK(index < payloads_.size());
  Bytes<kMaxMerkleDepth * kMerkleNodeSize> path;
  const MutableByteSpan used = MutableByteSpan(path).first(tree_.path_size());
  tree_.path(index, used);
  wire::write_fragment(message, header_, index, signature_, used, payloads_[index]);
  // What we send, every neighbour must be able to parse: an invalid header is our own fault.
  const auto view = wire::parse_fragment(message);
  SWARMCAST_CHECK(view.has_value());
  return *view;
}

}  // namespace swarmcast::crypto
