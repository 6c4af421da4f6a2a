#include "host/rendezvous/gateway_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "engine/base/random.h"
#include "host/rendezvous/gateway_for_test.h"

namespace swarmcast::rendezvous {
namespace {

class GatewayServerTest : public testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(const GatewayLimits& limits, const WebBundle& web = {}) {
    server.emplace(loop, numbers, recorder, web, limits);
    const auto problem = server->listen(at("127.0.0.1:0"));
    ASSERT_FALSE(problem) << *problem;
  }
  std::unique_ptr<Stranger> stranger(const std::string& source = "127.0.0.1:0") {
    return std::make_unique<Stranger>(loop, server->local_endpoint(), source);
  }
  // The whole answer to a request on a connection of its own.
  std::string ask(const std::string& request) {
    const auto client = stranger();
    client->send(request);
    EXPECT_TRUE(run_until(loop, [&] { return client->closed; })) << request;
    return client->received;
  }
  std::string get(const std::string& path) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: whatever.example\r\n\r\n");
  }
  std::unique_ptr<Stranger> open_path(const std::string& path = "/signal") {
    auto client = stranger();
    client->send("GET " + path + kUpgrade.substr(kUpgrade.find(" HTTP")) + "\r\n");
    EXPECT_TRUE(run_until(loop, [&] { return client->received.ends_with("\r\n\r\n"); }));
    EXPECT_TRUE(client->received.starts_with("HTTP/1.1 101 ")) << client->received;
    client->received.clear();
    return client;
  }
  bool closes(Stranger& client) {
    return run_until(loop, [&] { return client.closed; });
  }
  // That all is well after whatever came before.
  void expect_service() {
    EXPECT_TRUE(get("/").starts_with("HTTP/1.1 200 "));
    const size_t before = recorder.messages();
    const auto client = open_path();
    client->send(frame(Opcode::kBinary, "hello"));
    EXPECT_TRUE(run_until(loop, [&] { return recorder.messages() == before + 1; }));
  }

  Loop loop;
  PathNumbers numbers;
  Recorder recorder;
  std::optional<GatewayServer> server;
};

void expect_strict(const std::string& answer) {
  for (const char* header :
       {"Content-Security-Policy: default-src 'none'", "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Connection: close"}) {
    EXPECT_NE(answer.find(header), answer.npos) << header << " is not in " << answer;
  }
  for (const char* header : {"\nServer:", "\nDate:", "\nSet-Cookie:", "\nETag:"})
    EXPECT_EQ(answer.find(header), answer.npos) << answer;
}

TEST_F(GatewayServerTest, ThePageSaysWhatThisIs) {
  const std::string answer = get("/");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  expect_strict(answer);
  EXPECT_NE(answer.find("swarmcast watch"), answer.npos);
  EXPECT_EQ(answer.find("<script"), answer.npos);
  EXPECT_EQ(get("/?x=1&y=2").substr(0, 12), "HTTP/1.1 200");
  const std::string head = ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST_F(GatewayServerTest, EverythingElseIsNotFound) {
  for (const char* path :
       {"/index.html", "/signal/x", "/signals", "/.git/config", "/%2e%2e/etc", "//", "/a/../b"}) {
    const std::string answer = get(path);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 "))
        << path << ": " << answer;
    expect_strict(answer);
    EXPECT_EQ(answer.find("<p>"), answer.npos);
  }
  EXPECT_TRUE(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
                  .starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask("DELETE /signal HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(recorder.paths.size(), 0u);
}

TEST_F(GatewayServerTest, RangesAreIgnored) {
  const std::string answer =
      ask("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0,1-1,2-2,3-3\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
}

TEST_F(GatewayServerTest, ATakenPortIsSaid) {
  GatewayServer second(loop, numbers, recorder);
  const auto problem = second.listen(server->local_endpoint());
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->find("in use"), problem->npos) << *problem;
}

TEST_F(GatewayServerTest, CarriesMessagesBothWays) {
  const auto client = open_path();
  ASSERT_EQ(recorder.open(), 1u);
  const SignalPathId path = recorder.paths.begin()->first;
  EXPECT_FALSE(recorder.paths[path].to_entry);
  const std::string largest(kMaxSignalSize, 'x');
  client->send(frame(Opcode::kBinary, "one") + frame(Opcode::kBinary, largest));
  ASSERT_TRUE(run_until(loop, [&] { return recorder.messages() == 2; }));
  EXPECT_EQ(recorder.paths[path].messages, (std::vector<std::string>{"one", largest}));
  EXPECT_TRUE(server->send(path, bytes("two")));
  const std::string expected = frame(Opcode::kBinary, "two", false);
  ASSERT_TRUE(run_until(loop, [&] { return client->received.size() >= expected.size(); }));
  EXPECT_EQ(client->received, expected);
  EXPECT_FALSE(server->send(path, {}));
  EXPECT_FALSE(server->send(path, bytes(largest + "x")));
  EXPECT_FALSE(server->send(SignalPathId(4'711), bytes("nobody")));
  client->send(frame(Opcode::kClose, ""));
  EXPECT_TRUE(run_until(loop, [&] { return recorder.paths[path].down; }));
  EXPECT_FALSE(server->send(path, bytes("late")));
}

TEST_F(GatewayServerTest, AMessageInPiecesIsOneMessage) {
  const auto client = open_path();
  client->send(frame(Opcode::kBinary, "he", true, false) +
               frame(Opcode::kContinuation, "ll", true, false) + frame(Opcode::kPing, "?") +
               frame(Opcode::kContinuation, "o"));
  ASSERT_TRUE(run_until(loop, [&] { return recorder.messages() == 1; }));
  EXPECT_EQ(recorder.paths.begin()->second.messages[0], "hello");
}

TEST_F(GatewayServerTest, GarbageIsDroppedAndCounted) {
  const auto client = open_path();
  client->send(frame(Opcode::kText, "hello") + frame(Opcode::kBinary, "") +
               frame(Opcode::kBinary, "good"));
  ASSERT_TRUE(run_until(loop, [&] { return recorder.messages() == 1; }));
  EXPECT_EQ(server->counters().path.garbage, 2u);
  EXPECT_FALSE(client->closed);
  for (int i = 0; i < PathLimits{}.garbage; ++i) client->send(frame(Opcode::kText, "no"));
  EXPECT_TRUE(closes(*client));
  EXPECT_TRUE(run_until(loop, [&] { return recorder.open() == 0; }));
}

TEST_F(GatewayServerTest, FramesAgainstTheRulesEndThePath) {
  const std::string oversized = frame(Opcode::kBinary, std::string(kMaxSignalSize + 1, 'x'));
  const std::string bad_frames[] = {
      oversized,
      frame(Opcode::kBinary, "x", /*masked=*/false),
      frame(Opcode::kContinuation, "x"),
      std::string("\xff\xff", 2) + std::string(8, '\x7f') + "abcd",  // 2^63 bytes follow
      frame(static_cast<Opcode>(5), "reserved"),
      frame(Opcode::kPing, std::string(126, 'x')),
  };
  for (const std::string& bad : bad_frames) {
    const auto client = open_path();
    client->send(bad);
    EXPECT_TRUE(closes(*client)) << testing::PrintToString(bad);
  }
  EXPECT_EQ(recorder.messages(), 0u);
  EXPECT_TRUE(run_until(loop, [&] { return recorder.open() == 0; }));
  expect_service();
}

// libsoup collects the pieces of a message without any limit of its own.
TEST_F(GatewayServerTest, AFloodOfPiecesEndsThePath) {
  const auto client = open_path();
  client->send(frame(Opcode::kBinary, "x", true, false));
  const std::string piece = frame(Opcode::kContinuation, std::string(1'000, 'x'), true, false);
  size_t sent = 0;
  EXPECT_TRUE(run_until(loop, [&] {
    if (!client->closed) sent += client->send(piece);
    return client->closed;
  }));
  EXPECT_EQ(recorder.messages(), 0u);
  EXPECT_LT(sent, 10 * PathLimits{}.unread);  // the kernel's buffers hold some of it
  expect_service();
}

TEST_F(GatewayServerTest, AFloodOfPingsEndsThePath) {
  const auto client = open_path();
  std::string pings;
  while (pings.size() < 2 * PathLimits{}.unread) pings += frame(Opcode::kPing, "??");
  client->send(pings);
  EXPECT_TRUE(closes(*client));
  expect_service();
}

// libsoup answers every ping, and queues the answers without any limit of its own.
TEST_F(GatewayServerTest, WhoPingsBetweenMessagesAndDoesNotReadIsCutOff) {
  start({.path = {.messages_per_second = 1'000'000, .burst = 1'000'000}});
  const auto client = open_path();
  client->stop_reading();
  const Recorder::Path& path = recorder.paths.rbegin()->second;
  std::string round = frame(Opcode::kBinary, "x");
  while (round.size() < PathLimits{}.unread / 2)
    round += frame(Opcode::kPing, std::string(100, '?'));
  constexpr size_t kMost = 4 << 20;  // several times what the kernel's buffers hold
  size_t sent = 0;
  for (std::string_view rest = round; !path.down && sent < kMost; loop.run_once(false)) {
    const size_t n = client->send(rest);
    rest.remove_prefix(n);
    sent += n;
    if (rest.empty()) rest = round;
  }
  EXPECT_TRUE(path.down) << sent << " bytes were taken";
  expect_service();
}

TEST_F(GatewayServerTest, TooManyMessagesEndThePath) {
  const auto client = open_path();
  for (int i = 0; i < 2 * PathLimits{}.burst; ++i) client->send(frame(Opcode::kBinary, "x"));
  EXPECT_TRUE(closes(*client));
  EXPECT_LE(recorder.messages(), static_cast<size_t>(PathLimits{}.burst) + 2);
  EXPECT_EQ(server->counters().path.too_fast, 1u);
}

TEST_F(GatewayServerTest, WhoDoesNotReadGetsNoMore) {
  start({.path = {.messages_per_second = 1'000'000, .burst = 1'000'000}});
  const auto client = open_path();
  client->stop_reading();
  const std::string message(kMaxSignalSize, 'x');
  const SignalPathId path = recorder.paths.rbegin()->first;
  int sent = 0;
  for (int turn = 0; turn < 20'000 && server->counters().path.stuck == 0; ++turn) {
    sent += server->send(path, bytes(message));
    loop.run_once(false);
  }
  EXPECT_GT(server->counters().path.stuck, 0u) << sent << " were taken";
}

TEST_F(GatewayServerTest, TooMuchToSendIsDropped) {
  const auto client = open_path();
  const SignalPathId path = recorder.paths.begin()->first;
  int sent = 0;
  for (int i = 0; i < 1'000; ++i) sent += server->send(path, bytes("x"));
  EXPECT_LE(sent, PathLimits{}.burst + 1);
  EXPECT_GE(sent, PathLimits{}.burst - 1);
}

TEST_F(GatewayServerTest, AnIdlePathEnds) {
  start({.path = {.idle = Duration::millis(50)}});
  const auto client = open_path();
  client->send(frame(Opcode::kText, "not a message"));
  EXPECT_TRUE(closes(*client));
  EXPECT_EQ(server->counters().path.idle, 1u);
}

TEST_F(GatewayServerTest, NothingIsCompressed) {
  const auto client = stranger();
  client->send(kUpgrade + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return client->received.ends_with("\r\n\r\n"); }));
  EXPECT_TRUE(client->received.starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(client->received.find("deflate"), std::string::npos) << client->received;
}

TEST_F(GatewayServerTest, AnyOriginMayAsk) {
  const auto client = stranger();
  client->send(kUpgrade + "Origin: http://elsewhere.example\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return client->received.ends_with("\r\n\r\n"); }));
  EXPECT_TRUE(client->received.starts_with("HTTP/1.1 101 ")) << client->received;
}

TEST_F(GatewayServerTest, BadUpgradesAreRefused) {
  const std::string start = "GET /signal HTTP/1.1\r\nHost: x\r\n";
  for (const std::string& headers : {
           std::string(),
           std::string("Upgrade: websocket\r\nConnection: Upgrade\r\n"),
           std::string("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: short\r\n"
                       "Sec-WebSocket-Version: 13\r\n"),
           std::string("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                       "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n"),
           std::string("Upgrade: h2c\r\nConnection: Upgrade\r\n"),
       }) {
    const std::string answer = ask(start + headers + "\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << answer;
    EXPECT_EQ(answer.find("\nServer:"), answer.npos) << answer;
  }
  EXPECT_EQ(recorder.paths.size(), 0u);
}

TEST_F(GatewayServerTest, ASlowRequestIsCutOff) {
  start({.request_time = Duration::millis(100)});
  const auto silent = stranger(), slow = stranger();
  slow->send("GET / HTTP/1.1\r\n");
  Loop::Timer drip(loop, [&] {
    slow->send("X-a: b\r\n");
    drip.set(Loop::now() + Duration::millis(10));
  });
  drip.set(Loop::now());
  EXPECT_TRUE(run_until(loop, [&] { return silent->closed && slow->closed; }));
  EXPECT_EQ(server->counters().timed_out, 2u);
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
}

// By its size: the time that a request may take is longer than this test waits.
TEST_F(GatewayServerTest, AHugeRequestIsCutOff) {
  start({.request_time = Duration::seconds(600)});
  const size_t limit = GatewayLimits{}.request;
  const auto padded = [](size_t size) {
    const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", end = "\r\n\r\n";
    return head + std::string(size - head.size() - end.size(), 'x') + end;
  };
  EXPECT_TRUE(ask(padded(limit)).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(ask(padded(limit + 1)), "");
  const std::string filler(50'000, 'x');  // less than libsoup's own limit
  for (const std::string& request :
       {"GET /" + filler + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + filler + "\r\n\r\n", filler,
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + filler}) {
    const std::string answer = ask(request);
    EXPECT_EQ(answer, "") << request.substr(0, 60);
  }
  EXPECT_EQ(server->counters().timed_out, 0u);
  expect_service();
}

TEST_F(GatewayServerTest, OneAddressGetsAFewConnectionsOnly) {
  const size_t most = GatewayLimits{}.connections_per_address;
  std::vector<std::unique_ptr<Stranger>> many;
  for (size_t i = 0; i < most + 5; ++i) many.push_back(stranger());
  const auto refused = [&] {
    return std::ranges::count_if(many, [](const auto& s) { return s->closed; }) == 5;
  };
  EXPECT_TRUE(run_until(loop, refused));
  EXPECT_EQ(server->connections(), most);
  EXPECT_EQ(server->counters().refused, 5u);
  // Another address is served, and so is this one once it has let go.
  const auto other = stranger("127.0.0.2:0");
  other->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(closes(*other));
  EXPECT_TRUE(other->received.starts_with("HTTP/1.1 200 "));
  many.clear();
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
  expect_service();
}

TEST_F(GatewayServerTest, AllTogetherGetSoManyConnections) {
  start({.connections = 20, .connections_per_address = 4});
  std::vector<std::unique_ptr<Stranger>> many;
  for (int i = 0; i < 60; ++i)
    many.push_back(stranger("127.0.0." + std::to_string(2 + i % 15) + ":0"));
  EXPECT_TRUE(run_until(loop, [&] {
    return std::ranges::count_if(many, [](const auto& s) { return s->closed; }) == 40;
  }));
  EXPECT_EQ(server->connections(), 20u);
}

TEST_F(GatewayServerTest, NewcomersWaitWhenThereAreTooMany) {
  start({.connections = 100,
         .connections_per_address = 100,
         .accepts_per_second = 20,
         .accept_burst = 2});
  std::vector<std::unique_ptr<Stranger>> many;
  for (int i = 0; i < 5; ++i) many.push_back(stranger());
  const Instant start_time = Loop::now();
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 5; }));
  EXPECT_GE(Loop::now() - start_time, Duration::millis(100));
}

TEST_F(GatewayServerTest, SeededGarbageHurtsNobody) {
  start({.accepts_per_second = 1'000'000, .accept_burst = 1'000});
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Prng prng(kSeed);
  const std::string good = kUpgrade + "\r\n" + frame(Opcode::kBinary, "hello");
  for (uint64_t i = 0; i < 400; ++i) {
    std::string text = good;
    for (uint64_t n = prng.below(8); n > 0; --n) {
      const size_t where = prng.below(text.size());
      switch (prng.below(3)) {
        case 0:
          text[where] = static_cast<char>(prng.next());
          break;
        case 1:
          text.erase(where, prng.below(20));
          break;
        default:
          text.insert(where, text.substr(prng.below(text.size()), prng.below(40)));
      }
      if (text.empty()) text = "\r\n";
    }
    if (i % 8 == 0) {
      for (char& c : text) c = static_cast<char>(prng.next());
    }
    const auto client = stranger("127.0.0." + std::to_string(2 + i % 200) + ":0");
    client->send(text);
    run_until(loop,
              [&] { return server->counters().connections + server->counters().refused > i; });
    loop.run_once(false);
  }
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
  EXPECT_TRUE(run_until(loop, [&] { return recorder.open() == 0; }));
  expect_service();
}

TEST_F(GatewayServerTest, CanGoWithEverythingOpen) {
  const auto path = open_path();
  const auto silent = stranger(), half = stranger();
  half->send("GET / HTT");
  ASSERT_TRUE(run_until(loop, [&] { return server->connections() == 3; }));
  const size_t downs = recorder.open();
  server.reset();
  EXPECT_EQ(recorder.open(), downs) << "no callbacks from a destructor";
  EXPECT_TRUE(run_until(loop, [&] { return path->closed && silent->closed && half->closed; }));
}

// The topic of the token of zeroes.
std::string topic_of_zeroes() {
  return guest_path(parse_meeting_path("/host/" + std::string(64, '0'))->topic);
}

TEST_F(GatewayServerTest, AMeetingPlaceCarriesWhatStrangersSayAndTellsTheSessionNothing) {
  const auto host = open_path("/host/" + std::string(64, '0'));
  const auto guest = open_path(topic_of_zeroes());
  guest->send(frame(Opcode::kBinary, "ask"));
  ASSERT_TRUE(run_until(loop, [&] { return host->received.ends_with("ask"); }));
  host->send(frame(Opcode::kBinary, "answer"));
  ASSERT_TRUE(run_until(loop, [&] { return guest->received.ends_with("answer"); }));
  EXPECT_TRUE(recorder.paths.empty());
  EXPECT_EQ(server->counters().meetings, 1u);
  guest->send(frame(Opcode::kClose, ""));
  EXPECT_TRUE(closes(*host));
  expect_service();
}

TEST_F(GatewayServerTest, AMeetingEndsInTime) {
  start({.meetings = {.together = Duration::millis(50)}});
  const auto guest = open_path(topic_of_zeroes());
  const auto host = open_path("/host/" + std::string(64, '0'));
  EXPECT_TRUE(closes(*host));
  EXPECT_TRUE(closes(*guest));
  expect_service();
}

TEST_F(GatewayServerTest, AFullMeetingPlaceTurnsTheNextAway) {
  start({.meetings = {.paths = 1}});
  const auto host = open_path("/host/" + std::string(64, '0'));
  const auto guest = open_path(topic_of_zeroes());
  EXPECT_TRUE(closes(*guest));
  EXPECT_FALSE(host->closed);
  expect_service();
}

TEST_F(GatewayServerTest, WhatNamesNoMeetingPlaceIsNotFound) {
  EXPECT_TRUE(get("/host/1").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(get("/meet/").starts_with("HTTP/1.1 404 "));
}

}  // namespace
}  // namespace swarmcast::rendezvous
