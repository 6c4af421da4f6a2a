#include <algorithm>

#include "engine/base/byte_io.h"
#include "engine/base/random.h"
#include "engine/crypto/frame_signer.h"
#include "engine/crypto/frame_verifier.h"
#include "engine/wire/fragment.h"
#include "fuzz/targets.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::fuzz {
namespace {

using Message = std::vector<uint8_t>;

const SigningKey& source_key() {
  static const SigningKey key = platform::sodium_crypto().signing_key_from_seed({1});
  return key;
}

void write_frame(const FrameHeader& header, std::vector<Message>& out) {
  Prng random(header.id.number.value());
  std::vector<Message> payloads(header.total(), Message(header.fragment_payload()));
  for (Message& payload : payloads)
    for (uint8_t& b : payload) b = static_cast<uint8_t>(random.next());
  const std::vector<ByteSpan> spans(payloads.begin(), payloads.end());
  const crypto::FrameSigner signer(platform::sodium_crypto(), source_key());
  const crypto::SignedFrame frame = signer.sign(header, spans);
  for (uint8_t i = 0; i < header.total(); ++i) {
    out.emplace_back(fragment_message_size(header));
    signer.write(frame, i, out.back());
  }
}

// The hop header is each neighbour's own.
ByteSpan signed_part(ByteSpan message) { return message.subspan(kHopHeaderSize); }

bool is_genuine(ByteSpan message) {
  return std::ranges::any_of(genuine_fragments(), [&](const Message& genuine) {
    return equal(signed_part(genuine), signed_part(message));
  });
}

}  // namespace

const std::vector<Message>& genuine_fragments() {
  static const std::vector<Message> fragments = [] {
    std::vector<Message> out;
    write_frame({.id = {kVideoTrack, FrameNumber(40)},
                 .index_in_chunk = 2,
                 .temporal_id = 2,
                 .depends_on = 1,
                 .epoch = 3,
                 .capture = StreamTime::from_ms(2'000),
                 .sealed_size = 140,
                 .k = 3,
                 .r = 2},
                out);
    write_frame({.id = {kAudioTrack, FrameNumber(100)},
                 .key = true,
                 .epoch = 3,
                 .capture = StreamTime::from_ms(2'000),
                 .sealed_size = 60},
                out);
    return out;
  }();
  return fragments;
}

void fragment(ByteSpan message) {
  const auto view = wire::parse_fragment(message);
  if (!view) return;
  SWARMCAST_CHECK(equal(wire::encode_frame_header(view->header),
                        message.subspan(kHopHeaderSize, kFrameHeaderSize)));
  // Twice: with nothing known, and with the first frame remembered.
  crypto::FrameVerifier verifier(platform::sodium_crypto(), source_key().public_key());
  for (bool known : {false, true}) {
    if (known) verifier.verify(*wire::parse_fragment(genuine_fragments()[0]));
    SWARMCAST_CHECK(verifier.verify(*view).has_value() == is_genuine(view->message));
  }
}

}  // namespace swarmcast::fuzz
