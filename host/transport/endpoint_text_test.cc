#include "host/transport/endpoint_text.h"

#include <gtest/gtest.h>

namespace swarmcast::transport {
namespace {

std::string round_trip(std::string_view text, uint16_t default_port = 0) {
  const auto endpoint = parse_endpoint(text, default_port);
  return endpoint ? to_text(*endpoint) : "none";
}

TEST(EndpointTextTest, ReadsWhatPeopleWrite) {
  EXPECT_EQ(round_trip("192.0.2.1:4000"), "192.0.2.1:4000");
  EXPECT_EQ(round_trip("192.0.2.1", 7), "192.0.2.1:7");
  EXPECT_EQ(round_trip("[2001:DB8:0::1]:65535"), "[2001:db8::1]:65535");
  EXPECT_EQ(round_trip("[2001:db8::1]", 9), "[2001:db8::1]:9");
  EXPECT_EQ(round_trip("2001:db8::1", 9), "[2001:db8::1]:9");
  EXPECT_EQ(round_trip("::"), "[::]:0");
  EXPECT_EQ(round_trip(":4000"), "[::]:4000");
  EXPECT_EQ(round_trip("0.0.0.0:0", 5), "0.0.0.0:0");
  EXPECT_EQ(round_trip("[::ffff:192.0.2.1]:1"), "192.0.2.1:1");
}

TEST(EndpointTextTest, RefusesTheRest) {
  using std::literals::operator""sv;
  for (std::string_view bad : {""sv,
                               ":"sv,
                               "host:1"sv,
                               "192.0.2.1:"sv,
                               "192.0.2.1:65536"sv,
                               "192.0.2.1:-1"sv,
                               "192.0.2.1:+1"sv,
                               "192.0.2.1: 1"sv,
                               "192.0.2.256:1"sv,
                               "192.0.2:1"sv,
                               "[::1"sv,
                               "[::1]1"sv,
                               "[::1]:"sv,
                               "[]:1"sv,
                               "[192.0.2.1]:1"sv,
                               "1:2:3"sv,
                               "fe80::1%lo"sv,
                               " 192.0.2.1"sv,
                               "192.0.2.1\0:1"sv,
                               "192.0.2.1\0"sv,
                               "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"sv}) {
    EXPECT_EQ(round_trip(bad), "none") << bad;
  }
}

TEST(EndpointTextTest, KnowsTheFamilies) {
  EXPECT_TRUE(is_ipv4(*parse_address("127.0.0.1")));
  EXPECT_FALSE(is_ipv4(*parse_address("::1")));
  EXPECT_TRUE(is_unspecified(*parse_address("::")));
  EXPECT_TRUE(is_unspecified(*parse_address("0.0.0.0")));
  EXPECT_FALSE(is_unspecified(*parse_address("0.0.0.1")));
  EXPECT_EQ(address_text(*parse_address("::1")), "::1");
}

}  // namespace
}  // namespace swarmcast::transport
