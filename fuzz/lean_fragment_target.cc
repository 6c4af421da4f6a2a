#include <algorithm>

#include "engine/base/check.h"
#include "engine/crypto/frame_verifier.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"
#include "fuzz/targets.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::fuzz {
namespace {

using Message = std::vector<uint8_t>;

const PublicKey& source() {
  static const PublicKey key = platform::sodium_crypto().signing_key_from_seed({1}).public_key();
  return key;
}

Message as_repair(Message whole) {
  whole.resize(whole.size() + kRepairTrailerSize);
  wire::write_hop_header(whole, {.link_sequence = 9, .answers = 7});
  return whole;
}

}  // namespace

const std::vector<Message>& genuine_lean_fragments() {
  static const std::vector<Message> fragments = [] {
    std::vector<Message> out;
    for (const Message& whole : genuine_fragments()) {
      if (!wire::can_be_lean(wire::parse_fragment(whole)->header)) continue;
      for (const Message& m : {whole, as_repair(whole)}) {
        out.emplace_back(m.size() - wire::kLeanSaving);
        wire::write_lean_fragment(out.back(), m);
      }
    }
    return out;
  }();
  return fragments;
}

void lean_fragment(ByteSpan message) {
  if (!wire::is_lean_fragment(message) || !wire::id_of_lean_fragment(message)) return;
  crypto::FrameVerifier verifier(platform::sodium_crypto(), source());
  for (const Message& genuine : genuine_fragments()) {
    const auto known = wire::parse_fragment(genuine);
    verifier.verify(*known);
    Bytes<kMaxMessageSize> whole;
    const MutableByteSpan restored =
        wire::restore_fragment(whole, message, *verifier.proof_of(known->header.id));
    SWARMCAST_CHECK(restored.size() == message.size() + wire::kLeanSaving);
    const auto view = wire::parse_fragment(restored);
    if (!view || !verifier.verify(*view)) continue;
    SWARMCAST_CHECK(std::ranges::any_of(genuine_fragments(), [&](const Message& g) {
      return equal(ByteSpan(g).subspan(kHopHeaderSize), view->message.subspan(kHopHeaderSize));
    }));
    if (!wire::can_be_lean(view->header)) continue;
    // Of another track or number than the proof's, it comes back with the proof's.
    Bytes<kMaxMessageSize> again;
    const size_t size = wire::write_lean_fragment(again, restored);
    const size_t named = wire::kLeanHeaderSize;
    SWARMCAST_CHECK(equal(ByteSpan(again).first(size).subspan(named), message.subspan(named)));
  }
}

}  // namespace swarmcast::fuzz
