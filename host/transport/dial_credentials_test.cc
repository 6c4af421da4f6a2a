#include "host/transport/dial_credentials.h"

#include <gtest/gtest.h>

#include <string>

#include "host/platform/sodium_crypto.h"

namespace swarmcast::transport {
namespace {

class DialCredentialsTest : public testing::Test {
 protected:
  DialCredentialsTest() {
    secret_.fill(0x11);
    listener_.fill(0x22);
    nonce_.fill(0x33);
  }
  std::optional<DialCredentials> check(std::string_view ufrag) const {
    return check_ufrag(crypto_, secret_, listener_, ufrag);
  }
  const CryptoProvider& crypto_ = platform::sodium_crypto();
  SwarmSecret secret_;
  Fingerprint listener_;
  DialNonce nonce_;
};

// Computed independently with Python's hashlib.blake2b and base64.
TEST_F(DialCredentialsTest, KnownAnswer) {
  const auto made = make_credentials(crypto_, secret_, listener_, nonce_);
  EXPECT_EQ(made.ufrag_text(), "MzMzMzMzMzMzMzMzq/VgE2Xh");
  EXPECT_EQ(made.password_text(), "6Cx7s61yv7eHrYWXhxKIXLC/");
}

TEST_F(DialCredentialsTest, TheListenerDerivesTheSame) {
  const auto made = make_credentials(crypto_, secret_, listener_, nonce_);
  const auto checked = check(made.ufrag_text());
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->ufrag, made.ufrag);
  EXPECT_EQ(checked->password, made.password);
}

TEST_F(DialCredentialsTest, EveryChangedCharacterIsRefused) {
  const auto made = make_credentials(crypto_, secret_, listener_, nonce_);
  for (size_t i = 0; i < kUfragSize; ++i) {
    std::string bad(made.ufrag_text());
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(check(bad)) << i;
  }
}

TEST_F(DialCredentialsTest, ForeignTextIsRefused) {
  const std::string good(make_credentials(crypto_, secret_, listener_, nonce_).ufrag_text());
  for (const std::string& bad : {std::string(), good.substr(1), good + "A", std::string(24, '='),
                                 std::string(24, '\0'), std::string(10'000, 'A')}) {
    EXPECT_FALSE(check(bad));
  }
}

TEST_F(DialCredentialsTest, AnotherSecretOrListenerIsRefused) {
  const auto made = make_credentials(crypto_, secret_, listener_, nonce_);
  SwarmSecret other_secret = secret_;
  other_secret[15] ^= 1;
  Fingerprint other_listener = listener_;
  other_listener[31] ^= 1;
  EXPECT_FALSE(check_ufrag(crypto_, other_secret, listener_, made.ufrag_text()));
  EXPECT_FALSE(check_ufrag(crypto_, secret_, other_listener, made.ufrag_text()));
}

}  // namespace
}  // namespace swarmcast::transport
