#include "engine/crypto/frame_seal.h"

#include "engine/base/byte_io.h"
#include "engine/crypto/kdf.h"
#include "engine/wire/fragment.h"

namespace swarmcast::crypto {
namespace {

Bytes<12> frame_nonce(const FrameHeader& header) {
  Bytes<12> nonce{};
  ByteWriter out(nonce);
  out.u32(0);
  out.u64(header.id.number.value());
  return nonce;
}

}  // namespace

Bytes<32> frame_key(const CryptoProvider& crypto, const EpochKey& epoch, const PublicKey& publisher,
                    TrackId track) {
  Bytes<1 + kPublicKeySize + 1> context;
  ByteWriter out(context);
  out.u8(epoch.term);
  out.bytes(publisher);
  out.u8(track.value());
  return derive(crypto, epoch.key, "swarmcast frame key v1", context);
}

void seal_frame(const CryptoProvider& crypto, const EpochKey& epoch, const PublicKey& publisher,
                const FrameHeader& header, ByteSpan frame, MutableByteSpan out) {
  SWARMCAST_CHECK(header.sealed_size == out.size() && out.size() == frame.size() + kAeadTagSize);
  Bytes<32> key = frame_key(crypto, epoch, publisher, header.id.track);
  crypto.seal(out, key, frame_nonce(header), wire::encode_frame_header(header), frame);
  crypto.wipe(key);
}

bool open_frame(const CryptoProvider& crypto, const EpochKey& epoch, const PublicKey& publisher,
                const FrameHeader& header, ByteSpan sealed, MutableByteSpan out) {
  SWARMCAST_CHECK(header.sealed_size == sealed.size() &&
                  sealed.size() == out.size() + kAeadTagSize);
  Bytes<32> key = frame_key(crypto, epoch, publisher, header.id.track);
  const bool opened =
      crypto.open(out, key, frame_nonce(header), wire::encode_frame_header(header), sealed);
  crypto.wipe(key);
  return opened;
}

}  // namespace swarmcast::crypto
