#include <algorithm>

#include "engine/base/byte_io.h"
#include "engine/base/check.h"
#include "engine/crypto/identity.h"
#include "engine/crypto/path_greeting.h"
#include "engine/crypto/peer_record.h"
#include "engine/crypto/signal_box.h"
#include "engine/wire/body.h"
#include "engine/wire/signal.h"
#include "fuzz/targets.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::fuzz {
namespace {

using Message = std::vector<uint8_t>;

const CryptoProvider& crypto_provider() { return platform::sodium_crypto(); }
constexpr Bytes<16> kSecret{5};

struct Peer {
  explicit Peer(uint8_t seed)
      : identity(crypto_provider().signing_key_from_seed({seed})),
        box_secret{seed},
        keys{kSecret, identity, box_secret,
             crypto::peer_id(crypto_provider(), identity.public_key()),
             crypto_provider().exchange_public_key(box_secret)},
        record(crypto::sign_record(crypto_provider(), identity, {.box_key = keys.box_key})) {}
  SigningKey identity;
  Bytes<32> box_secret;
  crypto::SignalKeys keys;
  PeerRecord record;
};

const Peer& caller() {
  static const Peer peer(1);
  return peer;
}
const Peer& callee() {
  static const Peer peer(2);
  return peer;
}

LinkDescription description() {
  LinkDescription d;
  SWARMCAST_CHECK(d.ufrag.set("ufrag") && d.password.set("0123456789abcdefghijkl"));
  d.add({.endpoint = {.port = 1}});
  d.add({.type = CandidateType::kRelayed, .endpoint = {.port = 2}});
  return d;
}

// Sealed, signalled texts, and bare ones: mutation would never get through the seal.
std::vector<Message> corpus() {
  std::vector<Message> out;
  const wire::SignalText texts[] = {{.content = wire::Knock{false, caller().record}},
                                    {.content = wire::Accepted{1, description()}},
                                    {.content = wire::Refused{}},
                                    {.content = wire::Described{2, description()}}};
  for (const wire::SignalText& text : texts) {
    const auto plain = wire::encode_signal_text(text);
    out.emplace_back(plain.begin(), plain.end());
    const auto sealed =
        crypto::seal_signal(crypto_provider(), caller().keys, callee().keys.id,
                            callee().keys.box_key, {static_cast<uint8_t>(out.size() + 9)}, text);
    out.emplace_back(sealed.begin(), sealed.end());
  }
  const auto ask = crypto::seal_ask(crypto_provider(), kSecret, {3}, caller().record);
  out.emplace_back(ask.begin(), ask.end());
  wire::body::ContactList contacts;
  contacts.add({.endpoint = {.port = 1}});
  contacts.add({.record = caller().record});
  contacts.add({.endpoint = {.port = 1}, .record = caller().record});
  Message body(wire::kMaxBodySize);
  body.resize(wire::encode_body(body, wire::body::Contacts{.contacts = contacts}));
  out.push_back(body);
  return out;
}

// `changeable` bytes at the beginning are nobody's.
bool is_genuine(ByteSpan message, size_t changeable) {
  return std::ranges::any_of(genuine_signals(), [&](const Message& m) {
    return equal(ByteSpan(m).subspan(changeable), message.subspan(changeable));
  });
}

}  // namespace

const std::vector<Message>& genuine_signals() {
  static const std::vector<Message> signals = corpus();
  return signals;
}

void signal(ByteSpan message) {
  if (const auto text = wire::parse_signal_text(message))
    SWARMCAST_CHECK(equal(wire::encode_signal_text(*text), message));
  if (const auto body = wire::parse_body(message)) {
    Bytes<wire::kMaxBodySize> again;
    SWARMCAST_CHECK(equal(ByteSpan(again).first(wire::encode_body(again, *body)), message));
  }
  if (const auto sealed = wire::parse_signal(message)) {
    const auto opened = crypto::open_signal(crypto_provider(), callee().keys, *sealed);
    constexpr size_t kTypeAndHops = 2;
    SWARMCAST_CHECK(opened.has_value() == is_genuine(message, kTypeAndHops));
  }
  if (const auto greeting = wire::parse_greeting(message)) {
    const bool opened = crypto::open_ask(crypto_provider(), kSecret, *greeting).has_value();
    SWARMCAST_CHECK(opened == (!greeting->answer && is_genuine(message, 0)));
  }
}

}  // namespace swarmcast::fuzz
