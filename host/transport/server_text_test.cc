#include "host/transport/server_text.h"

#include <gtest/gtest.h>

#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

std::string stun(std::string_view text) {
  const auto result = parse_stun_server(text);
  const auto* server = std::get_if<NamedServer>(&result);
  return server ? server->host + " " + std::to_string(server->port) : "";
}

NamedTurnServer turn(std::string_view text) {
  const auto result = parse_turn_server(text);
  const auto* server = std::get_if<NamedTurnServer>(&result);
  EXPECT_NE(server, nullptr) << text << ": " << std::get<std::string>(result);
  return server ? *server : NamedTurnServer();
}

TEST(ServerText, StunServers) {
  EXPECT_EQ(stun("stun.example.org:19302"), "stun.example.org 19302");
  EXPECT_EQ(stun("stun:stun.example.org"), "stun.example.org 3478");
  EXPECT_EQ(stun("192.0.2.1"), "192.0.2.1 3478");
  EXPECT_EQ(stun("192.0.2.1:99"), "192.0.2.1 99");
  EXPECT_EQ(stun("[2001:db8::1]:99"), "2001:db8::1 99");
  for (const char* wrong : {"", ":99", "0.0.0.0:99", "a:0", "a:65536", "a:b", "a b:1", "a:1:2",
                            "user@host:1", "host:99x"}) {
    EXPECT_EQ(stun(wrong), "") << wrong;
  }
  EXPECT_EQ(stun(std::string(kMaxHostNameSize + 1, 'a')), "");
}

TEST(ServerText, TurnServers) {
  NamedTurnServer server = turn("turn:alice:secret@turn.example.org:3478?transport=tcp");
  EXPECT_EQ(server.server.host, "turn.example.org");
  EXPECT_EQ(server.server.port, 3'478);
  EXPECT_TRUE(server.tcp);
  EXPECT_EQ(server.user, "alice");
  EXPECT_EQ(server.password, "secret");

  server = turn("1700000000%3Aalice:a:b%40c%25@[2001:db8::1]");
  EXPECT_EQ(server.server.host, "2001:db8::1");
  EXPECT_EQ(server.server.port, kDefaultStunPort);
  EXPECT_FALSE(server.tcp);
  EXPECT_EQ(server.user, "1700000000:alice");
  EXPECT_EQ(server.password, "a:b@c%");
  EXPECT_FALSE(turn("turn:a:b@192.0.2.1:1?transport=udp").tcp);
}

TEST(ServerText, WhatIsWrongIsSaidWithoutThePassword) {
  for (const char* wrong :
       {"", "turn:", "turn:host:3478", "turn:alice@host", "turn::hunter2@host", "turn:alice:@host",
        "turn:alice:hunter2@", "turn:alice:hunter2@host:0", "turn:alice:hunter2@ho st",
        "turn:alice:hunter2@host?transport=tls", "turn:alice:hunter2%4@host",
        "turn:alice:hunter2%zz@host", "turn:alice:hunter2%0a@host", "turn:al\nice:hunter2@host"}) {
    const auto result = parse_turn_server(wrong);
    const auto* sentence = std::get_if<std::string>(&result);
    ASSERT_NE(sentence, nullptr) << wrong;
    EXPECT_NE(sentence->find("TURN"), std::string::npos) << *sentence;
    EXPECT_EQ(sentence->find("hunter2"), std::string::npos) << *sentence;
  }
}

TEST(ServerText, NumericAddressesNeedNoLookUp) {
  const auto result = look_up({"192.0.2.1", 99});
  ASSERT_TRUE(std::holds_alternative<Endpoint>(result));
  EXPECT_EQ(to_text(std::get<Endpoint>(result)), "192.0.2.1:99");
  EXPECT_EQ(look_up({"192.0.2.1", 99}, IpVersion::kIpv6), result);
}

TEST(ServerText, NamesAreLookedUpForTheVersionAskedFor) {
  const auto result = look_up({"localhost", 99}, IpVersion::kIpv4);
  ASSERT_TRUE(std::holds_alternative<Endpoint>(result));
  EXPECT_EQ(to_text(std::get<Endpoint>(result)), "127.0.0.1:99");
}

}  // namespace
}  // namespace swarmcast::transport
