#include "rendezvous_codec/ip_literal.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace swarmcast::rendezvous {
namespace {

TEST(IpLiteral, PrintsWhatItReadInCanonicalForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:0db8:0001:0001:0001:0001:0001:0001", "2001:db8:1:1:1:1:1:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const auto& [text, printed] : cases) {
    const auto ip = parse_ip(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(format_ip(*ip), printed) << text;
  }
}

TEST(IpLiteral, RefusesEverythingElse) {
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "1.2.3.04",
                           "1.2.3.",
                           ".1.2.3",
                           "1..2.3",
                           "a.b.c.d",
                           "1.2.3.4 ",
                           "-1.2.3.4",
                           ":",
                           ":::",
                           "1:::2",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "12345::",
                           "g::",
                           "1:",
                           ":1",
                           "1::2:",
                           "1.2.3.4::",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "fe80::1%eth0",
                           "[::1]"})
    EXPECT_FALSE(parse_ip(text)) << text;
}

TEST(IpLiteral, Endpoints) {
  for (const char* text : {"192.0.2.1:7000", "[2001:db8::1]:65535", "0.0.0.0:0", "[::]:0"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(format_endpoint(*endpoint), text);
  }
  for (const char* text : {"", ":", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:+1",
                           "[192.0.2.1]:1", "2001:db8::1:7000", "[::1]", "[::1:7", "host:1"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(IpLiteral, KnowsWhatCanBeDialled) {
  for (const char* text : {"127.0.0.1", "10.1.2.3", "192.0.2.1", "::1", "fe80::1", "2001:db8::"})
    EXPECT_TRUE(is_dialable(*parse_ip(text))) << text;
  for (const char* text : {"0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::", "ff02::1"})
    EXPECT_FALSE(is_dialable(*parse_ip(text))) << text;
}

TEST(IpLiteral, EveryAddressSurvivesPrinting) {
  constexpr uint64_t kSeed = 6;
  Prng random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    std::array<uint8_t, 16> ip{};
    for (uint8_t& b : ip) b = random.chance(0.6) ? 0 : static_cast<uint8_t>(random.next());
    ASSERT_EQ(parse_ip(format_ip(ip)), ip) << "seed " << kSeed << ": " << format_ip(ip);
  }
}

}  // namespace
}  // namespace swarmcast::rendezvous
