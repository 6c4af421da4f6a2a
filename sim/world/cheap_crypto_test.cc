#include "sim/world/cheap_crypto.h"

#include <gtest/gtest.h>

#include <vector>

namespace swarmcast::sim {
namespace {

const CryptoProvider& c = cheap_crypto();

Bytes<32> key_of(uint8_t n) {
  Bytes<32> out{};
  out[0] = n;
  return out;
}

TEST(CheapCryptoTest, OpensWhatItSealedAndNothingElse) {
  const std::vector<uint8_t> text(1'000, 7);
  const Bytes<12> nonce{1};
  std::vector<uint8_t> sealed(text.size() + kAeadTagSize), opened(text.size());
  c.seal(sealed, key_of(1), nonce, key_of(9), text);
  EXPECT_TRUE(c.open(opened, key_of(1), nonce, key_of(9), sealed));
  EXPECT_EQ(opened, text);
  EXPECT_FALSE(c.open(opened, key_of(2), nonce, key_of(9), sealed));
  EXPECT_EQ(opened, std::vector<uint8_t>(text.size()));
  EXPECT_FALSE(c.open(opened, key_of(1), Bytes<12>{2}, key_of(9), sealed));
  EXPECT_FALSE(c.open(opened, key_of(1), nonce, key_of(8), sealed));
  for (size_t i = 0; i < sealed.size(); i += 13) {
    auto altered = sealed;
    altered[i] ^= 0x10;
    EXPECT_FALSE(c.open(opened, key_of(1), nonce, key_of(9), altered)) << i;
  }
}

TEST(CheapCryptoTest, ASignatureIsOfOneKeyAndOneMessage) {
  const SigningKey key = c.signing_key_from_seed(key_of(1));
  const Bytes<32> message = key_of(5);
  const Signature signature = c.sign(key, message);
  EXPECT_TRUE(c.verify(key.public_key(), message, signature));
  EXPECT_FALSE(c.verify(key.public_key(), key_of(6), signature));
  EXPECT_FALSE(c.verify(c.signing_key_from_seed(key_of(2)).public_key(), message, signature));
}

TEST(CheapCryptoTest, TwoEndsAgreeAndAThirdDoesNot) {
  Bytes<32> here, there, other;
  ASSERT_TRUE(c.exchange(here, key_of(1), c.exchange_public_key(key_of(2))));
  ASSERT_TRUE(c.exchange(there, key_of(2), c.exchange_public_key(key_of(1))));
  ASSERT_TRUE(c.exchange(other, key_of(3), c.exchange_public_key(key_of(1))));
  EXPECT_EQ(here, there);
  EXPECT_NE(here, other);
  EXPECT_FALSE(c.exchange(here, key_of(1), Bytes<32>{}));
  EXPECT_EQ(here, Bytes<32>{});
}

TEST(CheapCryptoTest, HashesTellKeysSizesAndMessagesApart) {
  const std::vector<uint8_t> a(33, 1), b(33, 2);
  const auto hash = [](ByteSpan key, ByteSpan message) {
    Bytes<16> out;
    const ByteSpan parts[] = {message};
    c.hash(out, key, parts);
    return out;
  };
  EXPECT_EQ(hash({}, a), hash({}, a));
  EXPECT_NE(hash({}, a), hash({}, b));
  EXPECT_NE(hash(a, a), hash(b, a));
  EXPECT_NE(hash({}, ByteSpan(a).first(32)), hash({}, a));
}

}  // namespace
}  // namespace swarmcast::sim
