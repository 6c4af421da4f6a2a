#include "engine/crypto/link_proof.h"

#include <gtest/gtest.h>

#include "engine/crypto/sodium_for_test.h"
#include "engine/wire/hello.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

// A transcript, the keys and what both ends send.
class LinkProofTest : public testing::Test {
 protected:
  KnownAnswer vector_ = known_answers("link_proof");
  Bytes<16> secret_ = array_from_hex<16>(vector_.at("secret"));
  LinkTranscript transcript_{.version = vector_.at("version"),
                             .initiator = end("initiator"),
                             .responder = end("responder")};

  LinkEnd end(const std::string& role) {
    const auto& e = vector_.at("ends").at(role);
    return {.key = array_from_hex<32>(e.at("key")),
            .nonce = array_from_hex<32>(e.at("nonce")),
            .fingerprint = array_from_hex<32>(e.at("fingerprint"))};
  }
  LinkProof proof(const std::string& role) {
    const auto& p = vector_.at("proofs").at(role);
    return {.mac = array_from_hex<16>(p.at("mac")),
            .signature = array_from_hex<64>(p.at("signature"))};
  }
  SigningKey key(const std::string& role) {
    return sodium().signing_key_from_seed(
        array_from_hex<32>(vector_.at("ends").at(role).at("seed")));
  }
  LinkEnd& end_of(LinkTranscript& t, const std::string& role) {
    return role == "initiator" ? t.initiator : t.responder;
  }
};

constexpr std::pair<const char*, LinkRole> kRoles[] = {{"initiator", LinkRole::kInitiator},
                                                       {"responder", LinkRole::kResponder}};

TEST_F(LinkProofTest, FromVector) {
  for (const auto& [name, role] : kRoles) {
    const LinkProof made = make_proof(sodium(), secret_, key(name), role, transcript_);
    EXPECT_EQ(to_hex(made.mac), to_hex(proof(name).mac)) << name;
    EXPECT_EQ(to_hex(made.signature), to_hex(proof(name).signature)) << name;
    EXPECT_EQ(check_proof(sodium(), secret_, role, transcript_, made), ProofCheck::kValid);
  }
}

TEST_F(LinkProofTest, MessagesFromVector) {
  auto expected = [&](const char* name) {
    return vector_.at("messages").at(name).get<std::string>();
  };
  const LinkProof first = proof("responder"), second = proof("initiator");
  EXPECT_EQ(to_hex(wire::Hello1{.public_key = transcript_.initiator.key,
                                .nonce = transcript_.initiator.nonce}
                       .encode()),
            expected("hello1"));
  EXPECT_EQ(to_hex(wire::Hello2{.public_key = transcript_.responder.key,
                                .nonce = transcript_.responder.nonce,
                                .mac = first.mac,
                                .signature = first.signature}
                       .encode()),
            expected("hello2"));
  EXPECT_EQ(to_hex(wire::Hello3{.mac = second.mac, .signature = second.signature}.encode()),
            expected("hello3"));
}

TEST_F(LinkProofTest, BindsEveryFieldOfTheTranscript) {
  for (const auto& [name, role] : kRoles) {
    for (const auto& change : vector_.at("reject_if_bit_flipped")) {
      LinkTranscript other = transcript_;
      LinkEnd& changed = end_of(other, change.at("role"));
      const std::string field = change.at("field");
      (field == "key"     ? changed.key
       : field == "nonce" ? changed.nonce
                          : changed.fingerprint)[31] ^= 1;
      EXPECT_EQ(check_proof(sodium(), secret_, role, other, proof(name)), ProofCheck::kWrongSecret)
          << name << ": " << change.at("name");
    }
    LinkTranscript other = transcript_;
    other.version = 2;
    EXPECT_NE(check_proof(sodium(), secret_, role, other, proof(name)), ProofCheck::kValid);
  }
}

TEST_F(LinkProofTest, TellsWrongSecretFromWrongKey) {
  Bytes<16> other_secret = secret_;
  other_secret[0] ^= 1;
  LinkProof wrong_signature = proof("initiator");
  wrong_signature.signature[40] ^= 1;
  const auto role = LinkRole::kInitiator;
  EXPECT_EQ(check_proof(sodium(), other_secret, role, transcript_, proof("initiator")),
            ProofCheck::kWrongSecret);
  EXPECT_EQ(check_proof(sodium(), secret_, role, transcript_, wrong_signature),
            ProofCheck::kWrongSignature);
}

// Someone who knows the secret but not the key, and someone who reflects.
TEST_F(LinkProofTest, OneEndsProofIsNotTheOthers) {
  EXPECT_NE(check_proof(sodium(), secret_, LinkRole::kInitiator, transcript_, proof("responder")),
            ProofCheck::kValid);
  LinkTranscript swapped{.initiator = transcript_.responder, .responder = transcript_.initiator};
  EXPECT_NE(check_proof(sodium(), secret_, LinkRole::kInitiator, swapped, proof("responder")),
            ProofCheck::kValid);
  LinkProof mixed{.mac = proof("initiator").mac, .signature = proof("responder").signature};
  EXPECT_EQ(check_proof(sodium(), secret_, LinkRole::kInitiator, transcript_, mixed),
            ProofCheck::kWrongSignature);
}

}  // namespace
}  // namespace swarmcast::crypto
