#include "rendezvous_codec/base64url.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "rendezvous_codec/crc32.h"

namespace swarmcast::rendezvous {
namespace {

std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Base64Url, KnownAnswersOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(base64url_encode(bytes_of(plain)), text);
    const auto decoded = base64url_decode(text);
    EXPECT_TRUE(decoded.clean && decoded.exact) << text;
    EXPECT_EQ(decoded.bytes, bytes_of(plain));
  }
}

TEST(Base64Url, TellsForeignCharactersFromUnevenEnds) {
  EXPECT_FALSE(base64url_decode("Zm9v+").clean);
  EXPECT_FALSE(base64url_decode("Zg==").clean);
  EXPECT_EQ(base64url_decode("Zm9v YmFy").bytes, bytes_of("foo"));
  EXPECT_FALSE(base64url_decode("Z").exact);
  EXPECT_FALSE(base64url_decode("Zm9vZ").exact);
  EXPECT_FALSE(base64url_decode("Zh").exact) << "spare bits";
  EXPECT_TRUE(base64url_decode("Zh").clean);
}

TEST(Base64Url, RoundTripsEveryLength) {
  Prng random(1);
  for (size_t n = 0; n < 300; ++n) {
    std::vector<uint8_t> bytes(n);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next());
    const auto decoded = base64url_decode(base64url_encode(bytes));
    EXPECT_TRUE(decoded.clean && decoded.exact) << n;
    EXPECT_EQ(decoded.bytes, bytes) << n;
  }
}

TEST(Crc32, KnownAnswer) {
  const auto check = bytes_of("123456789");
  EXPECT_EQ(crc32(check), 0xcbf43926u);
  EXPECT_EQ(crc32(ByteSpan(check).subspan(4), crc32(ByteSpan(check).first(4))), 0xcbf43926u);
}

}  // namespace
}  // namespace swarmcast::rendezvous
