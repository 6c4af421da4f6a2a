#include "engine/wire/hello.h"

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/base/random.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

static_assert(Hello1::kSize == 66 && Hello2::kSize == 146 && Hello3::kSize == 81);
static_assert(Hello2::kSize <= kMaxHelloSize, "the longest must be looked at");

std::vector<uint8_t> message(const std::string& name) {
  return from_hex(known_answers("link_proof").at("messages").at(name));
}

template <size_t N>
Bytes<N> field(const std::string& group, const std::string& end, const std::string& name) {
  return array_from_hex<N>(known_answers("link_proof").at(group).at(end).at(name));
}

TEST(Hello1, FromVector) {
  const auto bytes = message("hello1");
  const auto hello = Hello1::parse(bytes);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->version, kProtocolVersion);
  EXPECT_EQ(hello->public_key, field<32>("ends", "initiator", "key"));
  EXPECT_EQ(hello->nonce, field<32>("ends", "initiator", "nonce"));
  EXPECT_TRUE(equal(hello->encode(), bytes));
}

TEST(Hello2, FromVector) {
  const auto bytes = message("hello2");
  const auto hello = Hello2::parse(bytes);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->version, kProtocolVersion);
  EXPECT_EQ(hello->public_key, field<32>("ends", "responder", "key"));
  EXPECT_EQ(hello->nonce, field<32>("ends", "responder", "nonce"));
  EXPECT_EQ(hello->mac, field<16>("proofs", "responder", "mac"));
  EXPECT_EQ(hello->signature, field<64>("proofs", "responder", "signature"));
  EXPECT_TRUE(equal(hello->encode(), bytes));
}

TEST(Hello3, FromVector) {
  const auto bytes = message("hello3");
  const auto hello = Hello3::parse(bytes);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->mac, field<16>("proofs", "initiator", "mac"));
  EXPECT_EQ(hello->signature, field<64>("proofs", "initiator", "signature"));
  EXPECT_TRUE(equal(hello->encode(), bytes));
}

TEST(HelloRefused, FromVector) {
  using Reason = HelloRefused::Reason;
  for (const auto& [name, reason] : {std::pair{"refused_version", Reason::kVersion},
                                     {"refused_secret", Reason::kWrongSecret},
                                     {"refused_full", Reason::kFull}}) {
    const auto bytes = message(name);
    const auto refused = HelloRefused::parse(bytes);
    ASSERT_TRUE(refused) << name;
    EXPECT_EQ(refused->reason, reason);
    EXPECT_EQ(refused->version, kProtocolVersion);
    EXPECT_TRUE(equal(refused->encode(), bytes));
  }
}

TEST(HelloRefused, UnknownReasonsAreMalformed) {
  for (int reason = 0; reason < 256; ++reason) {
    const uint8_t bytes[] = {kHelloRefusedType, 1, static_cast<uint8_t>(reason)};
    EXPECT_EQ(HelloRefused::parse(bytes).has_value(), reason >= 1 && reason <= 3) << reason;
  }
}

// Another version is for the handshake to refuse, with a word that says why.
TEST(Hello1, AnyVersionParses) {
  auto bytes = message("hello1");
  bytes[1] = 9;
  ASSERT_TRUE(Hello1::parse(bytes));
  EXPECT_EQ(Hello1::parse(bytes)->version, 9);
}

template <typename Message>
class AnyHello : public testing::Test {};
using Messages = testing::Types<Hello1, Hello2, Hello3, HelloRefused>;
TYPED_TEST_SUITE(AnyHello, Messages);

// Apart from type and reason every bit pattern is a message, so bytes make a random one.
template <typename Message>
Message random_message(Prng& random) {
  auto bytes = Message().encode();
  for (size_t i = 1; i + (bytes.size() == HelloRefused::kSize ? 1 : 0) < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(random.next());
  return *Message::parse(bytes);
}

TYPED_TEST(AnyHello, RoundTrip) {
  Prng random(1);
  for (int i = 0; i < 200; ++i) {
    const auto hello = random_message<TypeParam>(random);
    EXPECT_EQ(TypeParam::parse(hello.encode()), hello);
  }
}

TYPED_TEST(AnyHello, EveryOtherLengthIsRefused) {
  const auto good = TypeParam().encode();
  std::vector<uint8_t> bytes(good.begin(), good.end());
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(TypeParam::parse(ByteSpan(bytes).first(n))) << n;
  bytes.push_back(0);
  EXPECT_FALSE(TypeParam::parse(bytes));
}

TYPED_TEST(AnyHello, EveryOtherTypeIsRefused) {
  auto bytes = TypeParam().encode();
  const uint8_t own = bytes[0];
  for (int type = 0; type < 256; ++type) {
    bytes[0] = static_cast<uint8_t>(type);
    EXPECT_EQ(TypeParam::parse(bytes).has_value(), type == own) << type;
  }
}

}  // namespace
}  // namespace swarmcast::wire
