#include "host/transport/ice_lite.h"

#include <gtest/gtest.h>
#include <stun/stunagent.h>

#include <string>
#include <vector>

#include "engine/base/random.h"
#include "host/platform/sodium_crypto.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

class IceLiteTest : public testing::Test {
 protected:
  IceLiteTest() {
    secret_.fill(1);
    listener_.fill(2);
    credentials_ = make_credentials(crypto_, secret_, listener_, DialNonce{3});
    transaction_.fill(4);
  }
  std::vector<uint8_t> request() {
    uint8_t buffer[kMaxStunSize];
    const auto out = ice_.request(credentials_, transaction_, 5, buffer);
    return {out.begin(), out.end()};
  }
  std::optional<std::vector<uint8_t>> answer(ByteSpan datagram) {
    uint8_t buffer[kMaxStunSize];
    MutableByteSpan out = buffer;
    const auto credentials = ice_.answer(
        datagram, from_,
        [&](std::string_view ufrag) { return check_ufrag(crypto_, secret_, listener_, ufrag); },
        out);
    if (!credentials) return std::nullopt;
    EXPECT_EQ(credentials->ufrag, credentials_.ufrag);
    return std::vector<uint8_t>(out.begin(), out.end());
  }

  const CryptoProvider& crypto_ = platform::sodium_crypto();
  SwarmSecret secret_;
  Fingerprint listener_;
  DialCredentials credentials_;
  StunTransaction transaction_;
  Endpoint from_ = *parse_endpoint("192.0.2.7:4711");
  IceLite ice_;
};

TEST_F(IceLiteTest, ARequestIsAnsweredAndTheAnswerRecognised) {
  const auto sent = request();
  EXPECT_TRUE(IceLite::is_request(sent));
  const auto answered = answer(sent);
  ASSERT_TRUE(answered);
  EXPECT_FALSE(IceLite::is_request(*answered));
  EXPECT_LE(answered->size(), sent.size()) << "an answer must not amplify";
  EXPECT_TRUE(ice_.is_answer(*answered, credentials_, transaction_));
  EXPECT_TRUE(ice_.is_answer(*answered, credentials_, transaction_)) << "nothing is remembered";
}

// RFC 8445, 7.3.1.1: who says that it is controlled, as we are, is told to take the other role.
TEST_F(IceLiteTest, ARoleConflictIsAnsweredWith487) {
  StunAgent agent;
  stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                  static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
                                                   STUN_AGENT_USAGE_USE_FINGERPRINT));
  uint8_t buffer[kMaxStunSize], answer_buffer[kMaxStunSize];
  StunMessage request;
  stun_agent_init_request(&agent, &request, buffer, sizeof buffer, STUN_BINDING);
  const std::string username = std::string(credentials_.ufrag_text()) + ":them";
  stun_message_append_bytes(&request, STUN_ATTRIBUTE_USERNAME, username.data(), username.size());
  stun_message_append64(&request, STUN_ATTRIBUTE_ICE_CONTROLLED, 7);
  const size_t size = stun_agent_finish_message(
      &agent, &request, reinterpret_cast<const uint8_t*>(credentials_.password.data()),
      credentials_.password.size());
  MutableByteSpan out = answer_buffer;
  const auto result = ice_.answer(
      ByteSpan(buffer, size), from_,
      [&](std::string_view ufrag) { return check_ufrag(crypto_, secret_, listener_, ufrag); }, out);
  EXPECT_FALSE(result);
  ASSERT_FALSE(out.empty());
  StunMessage response;
  ASSERT_EQ(stun_agent_validate(&agent, &response, out.data(), out.size(), nullptr, nullptr),
            STUN_VALIDATION_SUCCESS);
  int code = 0;
  stun_message_find_error(&response, &code);
  EXPECT_EQ(code, STUN_ERROR_ROLE_CONFLICT);
}

// RFC 8489, 14.2: the address XORed with the magic cookie 2112A442.
TEST_F(IceLiteTest, TheAnswerTellsTheAddress) {
  const auto answered = answer(request());
  ASSERT_TRUE(answered);
  const std::vector<uint8_t> attribute = {0x00,       0x20,     0x00,        0x08,
                                          0x00,       0x01,     0x12 ^ 0x21, 0x67 ^ 0x12,
                                          192 ^ 0x21, 0 ^ 0x12, 2 ^ 0xa4,    7 ^ 0x42};
  EXPECT_FALSE(std::ranges::search(*answered, attribute).empty());
}

TEST_F(IceLiteTest, EveryFlippedBitIsRefused) {
  const auto sent = request();
  const auto answered = answer(sent);
  ASSERT_TRUE(answered);
  for (size_t bit = 0; bit < sent.size() * 8; ++bit) {
    auto bad = sent;
    bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(answer(bad)) << "bit " << bit << " of the request";
  }
  for (size_t bit = 0; bit < answered->size() * 8; ++bit) {
    auto bad = *answered;
    bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ice_.is_answer(bad, credentials_, transaction_))
        << "bit " << bit << " of the answer";
  }
}

TEST_F(IceLiteTest, EveryTruncationIsRefused) {
  const auto sent = request();
  const auto answered = answer(sent);
  ASSERT_TRUE(answered);
  for (size_t n = 0; n < sent.size(); ++n) EXPECT_FALSE(answer(ByteSpan(sent).first(n))) << n;
  for (size_t n = 0; n < answered->size(); ++n) {
    EXPECT_FALSE(ice_.is_answer(ByteSpan(*answered).first(n), credentials_, transaction_)) << n;
  }
}

TEST_F(IceLiteTest, OtherCredentialsAndTransactionsAreRefused) {
  const auto answered = answer(request());
  ASSERT_TRUE(answered);
  const auto other = make_credentials(crypto_, secret_, listener_, DialNonce{9});
  EXPECT_FALSE(ice_.is_answer(*answered, other, transaction_));
  StunTransaction later = transaction_;
  later[11] ^= 1;
  EXPECT_FALSE(ice_.is_answer(*answered, credentials_, later));
  secret_[0] ^= 1;
  EXPECT_FALSE(answer(request()));
}

// The plain STUN of strangers gets no answer: we are nobody's reflector.
TEST_F(IceLiteTest, ARequestWithoutCredentialsIsIgnored) {
  const std::vector<uint8_t> plain = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1,  2,
                                      3, 4, 5, 6, 7,    8,    9,    10,   11, 12};
  EXPECT_TRUE(IceLite::is_request(plain));
  EXPECT_FALSE(answer(plain));
}

TEST_F(IceLiteTest, RandomBytesAreRefused) {
  constexpr uint64_t kSeed = 20'260'701;
  Prng random(kSeed);
  for (int round = 0; round < 20'000; ++round) {
    auto bad = request();
    const uint64_t changes = 1 + random.below(8);
    for (uint64_t i = 0; i < changes; ++i) {
      bad[random.below(bad.size())] ^= static_cast<uint8_t>(1 + random.below(255));
    }
    if (random.chance(0.5)) bad.resize(random.below(bad.size() + 1));
    if (equal(bad, request())) continue;  // two changes may undo each other
    EXPECT_FALSE(answer(bad)) << "seed " << kSeed << ", round " << round;
    EXPECT_FALSE(ice_.is_answer(bad, credentials_, transaction_));
  }
}

}  // namespace
}  // namespace swarmcast::transport
