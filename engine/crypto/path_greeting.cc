#include "engine/crypto/path_greeting.h"

#include "engine/crypto/identity.h"
#include "engine/crypto/kdf.h"
#include "engine/crypto/peer_record.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kAskLabel = "swarmcast path ask v1";
constexpr Label kAnswerLabel = "swarmcast path answer v1";
// Every key seals one text only.
constexpr Bytes<12> kNonce{};

Bytes<32> ask_key(const CryptoProvider& crypto, const Bytes<16>& secret,
                  const GreetingNonce& nonce) {
  return derive(crypto, secret, kAskLabel, nonce);
}

Bytes<32> answer_key(const CryptoProvider& crypto, const Bytes<16>& secret,
                     const GreetingNonce& asked, const GreetingNonce& nonce) {
  Bytes<64> context;
  ByteWriter out(context);
  out.bytes(asked);
  out.bytes(nonce);
  return derive(crypto, secret, kAnswerLabel, context);
}

Bytes<wire::kGreetingSize> seal(const CryptoProvider& crypto, uint8_t type,
                                const GreetingNonce& nonce, Bytes<32> key,
                                const PeerRecord& record) {
  Bytes<wire::kGreetingTextSize> text{};
  ByteWriter plain(text);
  wire::write_peer_record(plain, record);
  Bytes<wire::kGreetingSize> bytes;
  ByteWriter out(bytes);
  out.u8(type);
  out.bytes(nonce);
  crypto.seal(MutableByteSpan(bytes).subspan(out.size()), key, kNonce, {}, text);
  crypto.wipe(key);
  return bytes;
}

std::optional<PeerRecord> open(const CryptoProvider& crypto, Bytes<32> key, ByteSpan sealed) {
  Bytes<wire::kGreetingTextSize> text;
  const bool genuine =
      sealed.size() == text.size() + kAeadTagSize && crypto.open(text, key, kNonce, {}, sealed);
  crypto.wipe(key);
  if (!genuine) return std::nullopt;
  ByteReader in(text);
  const auto record = wire::read_peer_record(in);
  const bool padded = std::ranges::all_of(in.rest(), [](uint8_t b) { return b == 0; });
  if (!record || !padded) return std::nullopt;
  return check_record(crypto, peer_id(crypto, record->identity), *record) ? record : std::nullopt;
}

}  // namespace

Bytes<wire::kGreetingSize> seal_ask(const CryptoProvider& crypto, const Bytes<16>& secret,
                                    const GreetingNonce& nonce, const PeerRecord& record) {
  return seal(crypto, wire::kPathAskType, nonce, ask_key(crypto, secret, nonce), record);
}

Bytes<wire::kGreetingSize> seal_answer(const CryptoProvider& crypto, const Bytes<16>& secret,
                                       const GreetingNonce& asked, const GreetingNonce& nonce,
                                       const PeerRecord& record) {
  return seal(crypto, wire::kPathAnswerType, nonce, answer_key(crypto, secret, asked, nonce),
              record);
}

std::optional<PeerRecord> open_ask(const CryptoProvider& crypto, const Bytes<16>& secret,
                                   const wire::GreetingView& ask) {
  if (ask.answer) return std::nullopt;
  return open(crypto, ask_key(crypto, secret, ask.nonce), ask.sealed);
}

std::optional<PeerRecord> open_answer(const CryptoProvider& crypto, const Bytes<16>& secret,
                                      const GreetingNonce& asked,
                                      const wire::GreetingView& answer) {
  if (!answer.answer) return std::nullopt;
  return open(crypto, answer_key(crypto, secret, asked, answer.nonce), answer.sealed);
}

}  // namespace swarmcast::crypto
