#include "engine/crypto/identity.h"

#include <gtest/gtest.h>

#include "engine/crypto/sodium_for_test.h"
#include "engine/crypto/stream_signature.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

TEST(Identity, FromVector) {
  const auto v = known_answers("keys").at("identity");
  const auto key = array_from_hex<32>(v.at("public_key"));
  EXPECT_EQ(to_hex(peer_id(sodium(), key).bytes), v.at("peer_id").get<std::string>());
  EXPECT_EQ(to_hex(source_key_hash(sodium(), key)), v.at("source_key_hash").get<std::string>());
}

Statement kind_named(const std::string& name) {
  if (name == "stream") return Statement::kStreamDescription;
  if (name == "epoch") return Statement::kEpoch;
  if (name == "heartbeat") return Statement::kHeartbeat;
  EXPECT_EQ(name, "tombstone");
  return Statement::kTombstone;
}

TEST(StreamSignature, FromVector) {
  for (const auto& v : known_answers("keys").at("statements")) {
    const Statement kind = kind_named(v.at("kind"));
    const auto body = from_hex(v.at("body"));
    const auto signature = array_from_hex<64>(v.at("signature"));
    const auto key = sodium().signing_key_from_seed(array_from_hex<32>(v.at("source_seed")));
    EXPECT_EQ(to_hex(key.public_key()), v.at("public_key").get<std::string>());
    EXPECT_EQ(sign_statement(sodium(), key, kind, body), signature) << v.at("kind");
    EXPECT_TRUE(verify_statement(sodium(), key.public_key(), kind, body, signature));
  }
}

TEST(StreamSignature, RefusesAnotherBodyKindOrKey) {
  const auto key = sodium().signing_key_from_seed({1});
  const auto other = sodium().signing_key_from_seed({2});
  const Bytes<4> body{1, 2, 3, 4}, other_body{1, 2, 3, 5};
  const auto signature = sign_statement(sodium(), key, Statement::kTombstone, body);
  auto check = [&](const SigningKey& by, Statement kind, ByteSpan text) {
    return verify_statement(sodium(), by.public_key(), kind, text, signature);
  };
  EXPECT_TRUE(check(key, Statement::kTombstone, body));
  EXPECT_FALSE(check(other, Statement::kTombstone, body));
  EXPECT_FALSE(check(key, Statement::kEpoch, body));
  EXPECT_FALSE(check(key, Statement::kTombstone, other_body));
  EXPECT_FALSE(check(key, Statement::kTombstone, std::vector<uint8_t>(kMaxMessageSize + 1)));
}

}  // namespace
}  // namespace swarmcast::crypto
