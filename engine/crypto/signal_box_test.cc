#include "engine/crypto/signal_box.h"

#include <gtest/gtest.h>

#include "engine/crypto/identity.h"
#include "engine/crypto/path_greeting.h"
#include "engine/crypto/peer_record.h"
#include "engine/crypto/sodium_for_test.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

KnownAnswer vectors() { return known_answers("signalling"); }

PeerRecord record_from(const std::string& hex) {
  const auto bytes = from_hex(hex);
  ByteReader in(bytes);
  const auto record = wire::read_peer_record(in);
  EXPECT_TRUE(record && in.finished());
  return record.value_or(PeerRecord());
}

// A peer of the vectors, with its keys.
struct Peer {
  explicit Peer(const std::string& name)
      : vector(vectors().at("peers").at(name)),
        secret(array_from_hex<16>(vectors().at("secret"))),
        identity(sodium().signing_key_from_seed(array_from_hex<32>(vector.at("identity_seed")))),
        box_secret(array_from_hex<32>(vector.at("box_secret"))),
        keys{secret, identity, box_secret, peer_id(sodium(), identity.public_key()),
             sodium().exchange_public_key(box_secret)},
        record(record_from(vector.at("record"))) {}
  KnownAnswer vector;
  Bytes<16> secret;
  SigningKey identity;
  Bytes<32> box_secret;
  SignalKeys keys;
  PeerRecord record;
};

// Opened, and of the peer that its knock (the only text in these vectors that names one) names.
bool accepts(const Peer& self, ByteSpan bytes) {
  const auto signal = wire::parse_signal(bytes);
  if (!signal) return false;
  const auto opened = open_signal(sodium(), self.keys, *signal);
  if (!opened) return false;
  const auto& record = std::get<wire::Knock>(opened->text.content).record;
  return check_record(sodium(), signal->from, record) &&
         is_from(sodium(), record.identity, self.keys, *signal, *opened);
}

TEST(Exchange, FromVector) {
  const auto& v = vectors().at("exchange");
  const auto secret = array_from_hex<32>(v.at("secret"));
  EXPECT_EQ(to_hex(sodium().exchange_public_key(secret)), v.at("public"));
  Bytes<32> shared;
  EXPECT_TRUE(sodium().exchange(shared, secret, Peer("callee").keys.box_key));
  EXPECT_EQ(to_hex(shared), v.at("shared"));
}

TEST(Exchange, RefusesKeysOfSmallOrder) {
  Bytes<32> shared;
  Bytes<32> one{1};
  EXPECT_FALSE(sodium().exchange(shared, Peer("callee").box_secret, Bytes<32>{}));
  EXPECT_FALSE(sodium().exchange(shared, Peer("callee").box_secret, one));
  EXPECT_EQ(shared, Bytes<32>{});
}

TEST(PeerRecordTest, FromVector) {
  for (const char* name : {"caller", "callee"}) {
    const Peer peer(name);
    EXPECT_EQ(to_hex(peer.keys.id.bytes), peer.vector.at("peer_id"));
    EXPECT_TRUE(check_record(sodium(), peer.keys.id, peer.record));
    PeerRecord same = peer.record;
    same.signature = {};
    EXPECT_EQ(sign_record(sodium(), peer.identity, same), peer.record);
  }
}

TEST(PeerRecordTest, CoversEveryFieldAndTheId) {
  const Peer peer("caller");
  const Peer other("callee");
  EXPECT_FALSE(check_record(sodium(), other.keys.id, peer.record));
  for (int field = 0; field < 5; ++field) {
    PeerRecord r = peer.record;
    if (field == 0) r.dialable = !r.dialable;
    if (field == 1) r.browser = !r.browser;
    if (field == 2) r.relay = !r.relay;
    if (field == 3) r.box_key[31] ^= 1;
    if (field == 4) r.signature[0] ^= 1;
    EXPECT_FALSE(check_record(sodium(), peer.keys.id, r)) << "field " << field;
  }
}

TEST(SignalBox, FromVector) {
  const Peer caller("caller");
  const Peer callee("callee");
  for (const auto& v : vectors().at("signals")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const auto bytes = from_hex(v.at("bytes"));
    const auto text = wire::parse_signal_text(from_hex(v.at("text")));
    ASSERT_TRUE(text);
    const auto sealed = seal_signal(sodium(), caller.keys, callee.keys.id, callee.keys.box_key,
                                    array_from_hex<32>(v.at("ephemeral_secret")), *text);
    EXPECT_EQ(to_hex(sealed), to_hex(bytes));
    const auto signal = wire::parse_signal(bytes);
    ASSERT_TRUE(signal);
    const auto opened = open_signal(sodium(), callee.keys, *signal);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->text, *text);
    EXPECT_TRUE(is_from(sodium(), caller.identity.public_key(), callee.keys, *signal, *opened));
    EXPECT_FALSE(is_from(sodium(), callee.identity.public_key(), callee.keys, *signal, *opened));
    EXPECT_FALSE(open_signal(sodium(), caller.keys, *signal)) << "not even its sender opens it";
  }
}

TEST(SignalBox, RefusedVectors) {
  const Peer callee("callee");
  ASSERT_TRUE(accepts(callee, from_hex(vectors().at("signals")[0].at("bytes"))));
  for (const auto& v : vectors().at("refused_signals"))
    EXPECT_FALSE(accepts(callee, from_hex(v.at("bytes")))) << v.at("name");
}

TEST(SignalBox, HopsAreNotSealed) {
  auto bytes = from_hex(vectors().at("signals")[0].at("bytes"));
  wire::set_signal_hops(bytes, 0);
  EXPECT_TRUE(accepts(Peer("callee"), bytes));
}

TEST(SignalBox, AKeyOfSmallOrderGetsNothing) {
  const Peer caller("caller");
  EXPECT_EQ(seal_signal(sodium(), caller.keys, {}, BoxKey{}, Bytes<32>{1}, {}),
            Bytes<wire::kSignalSize>{});
}

TEST(PathGreeting, FromVector) {
  const auto& v = vectors().at("greeting");
  const Peer caller("caller");
  const Peer callee("callee");
  const auto asked = array_from_hex<32>(v.at("ask_nonce"));
  const auto nonce = array_from_hex<32>(v.at("answer_nonce"));
  const auto ask = seal_ask(sodium(), caller.secret, asked, caller.record);
  const auto answer = seal_answer(sodium(), caller.secret, asked, nonce, callee.record);
  EXPECT_EQ(to_hex(ask), v.at("ask"));
  EXPECT_EQ(to_hex(answer), v.at("answer"));
  EXPECT_EQ(open_ask(sodium(), caller.secret, *wire::parse_greeting(ask)), caller.record);
  EXPECT_EQ(open_answer(sodium(), caller.secret, asked, *wire::parse_greeting(answer)),
            callee.record);
}

TEST(PathGreeting, RefusedVectors) {
  const Peer peer("caller");
  const auto asked = array_from_hex<32>(vectors().at("greeting").at("ask_nonce"));
  for (const auto& v : vectors().at("refused_greetings")) {
    const auto greeting = wire::parse_greeting(from_hex(v.at("bytes")));
    if (!greeting) continue;
    EXPECT_FALSE(open_ask(sodium(), peer.secret, *greeting)) << v.at("name");
    EXPECT_FALSE(open_answer(sodium(), peer.secret, asked, *greeting)) << v.at("name");
  }
}

}  // namespace
}  // namespace swarmcast::crypto
