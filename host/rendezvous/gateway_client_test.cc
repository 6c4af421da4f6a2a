#include "host/rendezvous/gateway_client.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "engine/base/random.h"
#include "host/rendezvous/gateway_for_test.h"
#include "host/rendezvous/gateway_server.h"
#include "host/rendezvous/signalling.h"
#include "host/rendezvous/web_socket_handshake.h"

namespace swarmcast::rendezvous {
namespace {

using State = Rendezvous::State;

// A gateway that does what a test tells it: one connection.
class HostileGateway {
 public:
  HostileGateway(Loop& loop, std::function<std::string(const std::string& request)> answer)
      : loop_(loop),
        answer_(std::move(answer)),
        stop_reading_(loop, [this] { read_.reset(); }),
        accept_(loop, socket_.fd(), Loop::FdWatch::kReadable, [this](unsigned) { accept(); }) {}
  ~HostileGateway() {
    read_.reset();
    if (fd_ >= 0) ::close(fd_);
  }
  GatewayAddress address() const { return {.host = "127.0.0.1", .port = socket_.local().port}; }
  void send(const std::string& text) {
    ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  bool hung_up = false;  // by the client

 private:
  void accept() {
    if (fd_ >= 0) return;
    fd_ = ::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    read_.emplace(loop_, fd_, Loop::FdWatch::kReadable, [this](unsigned) { read(); });
  }
  void read() {
    char buffer[4'096];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) {
      hung_up = true;
      return stop_reading_.set(Loop::now());
    }
    request_.append(buffer, static_cast<size_t>(n));
    if (request_.ends_with("\r\n\r\n")) send(answer_(request_));
  }
  Loop& loop_;
  std::function<std::string(const std::string&)> answer_;
  transport::BoundSocket socket_{at("127.0.0.1:0"), SOCK_STREAM};
  Loop::Timer stop_reading_;
  Loop::FdWatch accept_;
  int fd_ = -1;
  std::string request_;
  std::optional<Loop::FdWatch> read_;
};

std::string key_in(const std::string& request) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const size_t begin = request.find(kName) + kName.size();
  return request.substr(begin, request.find('\r', begin) - begin);
}

std::string good_answer(const std::string& request) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         WebSocketKey(key_in(request)).expected_accept() + "\r\n\r\n";
}

class GatewayClientTest : public testing::Test {
 protected:
  void serve() {
    server.emplace(loop, numbers, here);
    const auto problem = server->listen(at("127.0.0.1:0"));
    ASSERT_FALSE(problem) << *problem;
  }
  GatewayAddress served() const {
    return {.host = "127.0.0.1", .port = server->local_endpoint().port};
  }
  void join(const GatewayAddress& address, const GatewayClientLimits& limits = {}) {
    client.emplace(loop, numbers, there, address, limits);
  }
  bool reaches(State state) {
    return run_until(loop, [&] { return client->state() == state; });
  }
  // A gateway that answers so gets no path.
  void expect_refused(const std::string& answer) {
    HostileGateway gateway(loop, [&](const std::string&) { return answer; });
    join(gateway.address(), {.opening = Duration::millis(200)});
    EXPECT_TRUE(reaches(State::kFailed)) << testing::PrintToString(answer.substr(0, 200));
    EXPECT_NE(client->error(), "");
    EXPECT_EQ(there.failures, std::vector{client->error()});
    there.failures.clear();
    EXPECT_TRUE(there.paths.empty());
  }

  Loop loop;
  PathNumbers numbers;
  Recorder here, there;  // at the gateway, at the joiner
  std::optional<GatewayServer> server;
  std::optional<GatewayClient> client;
};

TEST(WebSocketHandshakeTest, KnownAnswerOfRfc6455) {
  EXPECT_EQ(WebSocketKey("dGhlIHNhbXBsZSBub25jZQ==").expected_accept(),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_NE(WebSocketKey().text(), WebSocketKey().text());
}

TEST(WebSocketHandshakeTest, OnlyTheRightAnswerIsAccepted) {
  const WebSocketKey key;
  const std::string good = good_answer(web_socket_request("x", "/signal", key));
  EXPECT_TRUE(accepts_web_socket(good, key));
  EXPECT_FALSE(accepts_web_socket(good, WebSocketKey()));
  EXPECT_FALSE(accepts_web_socket(good.substr(0, good.size() - 2), key));
  const std::string body = good.substr(0, good.size() - 2);
  EXPECT_FALSE(
      accepts_web_socket(body + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", key));
  EXPECT_FALSE(accepts_web_socket(body + "Sec-WebSocket-Protocol: x\r\n\r\n", key));
  for (const char* part : {"101", "websocket", "Upgrade\r\nSec", "Accept: "}) {
    std::string wrong = good;
    wrong.replace(wrong.find(part), 1, "9");
    EXPECT_FALSE(accepts_web_socket(wrong, key)) << wrong;
  }
  constexpr uint64_t kSeed = 3;
  Prng prng(kSeed);
  int accepted = 0;
  for (int i = 0; i < 5'000; ++i) {  // must not crash; a changed reason phrase may pass
    std::string text = good;
    text[prng.below(text.size() - 4)] = static_cast<char>(prng.next());
    accepted += accepts_web_socket(text, key);
  }
  EXPECT_LT(accepted, 2'500) << "seed " << kSeed;
}

TEST(GatewayAddressTest, OfAnOrigin) {
  const auto plain = parse_origin("http://192.0.2.1:7000");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "192.0.2.1");
  EXPECT_EQ(plain->port, 7000);
  EXPECT_FALSE(plain->secure);
  const auto secure = parse_origin("https://live.example");
  ASSERT_TRUE(secure);
  EXPECT_EQ(secure->port, 443);
  EXPECT_TRUE(secure->secure);
  EXPECT_EQ(parse_origin("http://live.example")->port, 80);
  EXPECT_EQ(parse_origin("http://[2001:db8::1]:9000")->host, "2001:db8::1");
  for (const char* wrong : {"", "live.example", "ftp://live.example", "http://", "http://:80",
                            "http://a:0", "http://a:99999", "http://a%0d%0ab/", "http://a b"}) {
    EXPECT_FALSE(parse_origin(wrong)) << wrong;
  }
}

TEST_F(GatewayClientTest, CarriesMessagesBothWays) {
  serve();
  join(served());
  EXPECT_EQ(client->state(), State::kTrying);
  EXPECT_FALSE(client->send(bytes("too early")));
  ASSERT_TRUE(reaches(State::kOpen)) << client->error();
  ASSERT_TRUE(run_until(loop, [&] { return here.open() == 1; }));
  const SignalPathId mine = *client->path(), theirs = here.paths.begin()->first;
  EXPECT_NE(mine, theirs);
  EXPECT_TRUE(there.paths.at(mine).to_entry);
  const std::string largest(kMaxSignalSize, 'x');
  EXPECT_TRUE(client->send(bytes(largest)));
  EXPECT_TRUE(server->send(theirs, bytes("answer")));
  ASSERT_TRUE(run_until(loop, [&] { return here.messages() == 1 && there.messages() == 1; }));
  EXPECT_EQ(here.paths[theirs].messages[0], largest);
  EXPECT_EQ(there.paths[mine].messages[0], "answer");
  client->cancel();
  EXPECT_EQ(client->state(), State::kClosed);
  EXPECT_TRUE(there.paths[mine].down);
  EXPECT_TRUE(run_until(loop, [&] { return here.open() == 0 && server->connections() == 0; }));
}

TEST_F(GatewayClientTest, AMessageRightBehindTheHandshakeIsNotLost) {
  HostileGateway gateway(loop, [](const std::string& request) {
    return good_answer(request) + frame(Opcode::kBinary, "first", /*masked=*/false);
  });
  join(gateway.address());
  ASSERT_TRUE(run_until(loop, [&] { return there.messages() == 1; })) << client->error();
  EXPECT_EQ(there.paths.begin()->second.messages[0], "first");
}

TEST_F(GatewayClientTest, TheGatewayGoes) {
  serve();
  join(served());
  ASSERT_TRUE(reaches(State::kOpen));
  server.reset();
  EXPECT_TRUE(reaches(State::kClosed));
  EXPECT_EQ(there.open(), 0u);
}

TEST_F(GatewayClientTest, NobodyThere) {
  GatewayAddress address;
  {
    const transport::BoundSocket gone(at("127.0.0.1:0"), SOCK_STREAM);
    address = {.host = "127.0.0.1", .port = gone.local().port};
  }
  join(address);
  ASSERT_TRUE(reaches(State::kFailed));
  EXPECT_NE(client->error().find("cannot be reached"), std::string::npos) << client->error();
}

TEST_F(GatewayClientTest, GatewaysThatAreNone) {
  expect_refused("");  // says nothing
  expect_refused("HTTP/1.1 404 Not Found\r\n\r\n");
  expect_refused("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  expect_refused(std::string(100'000, 'x'));
  expect_refused("SSH-2.0-OpenSSH_9.2\r\n\r\n");
}

TEST_F(GatewayClientTest, TlsToAPlainServerFails) {
  serve();
  GatewayAddress address = served();
  address.secure = true;
  join(address, {.opening = Duration::millis(500)});
  EXPECT_TRUE(reaches(State::kFailed));
  EXPECT_TRUE(there.paths.empty());
}

TEST_F(GatewayClientTest, AHostileGatewayFillsNoMemory) {
  HostileGateway gateway(loop, good_answer);
  join(gateway.address());
  ASSERT_TRUE(reaches(State::kOpen)) << client->error();
  gateway.send(frame(Opcode::kBinary, "x", false, false));
  const std::string piece = frame(Opcode::kContinuation, std::string(1'000, 'x'), false, false);
  EXPECT_TRUE(run_until(loop, [&] {
    if (client->state() == State::kOpen) gateway.send(piece);
    return client->state() == State::kClosed && gateway.hung_up;
  }));
  EXPECT_EQ(there.messages(), 0u);
}

TEST_F(GatewayClientTest, CanGoAtAnyMoment) {
  serve();
  for (int turns = 0; turns < 40; ++turns) {
    join(served());
    for (int i = 0; i < turns; ++i) loop.run_once(false);
    client.reset();
  }
  run_for(loop, Duration::millis(20));
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
}

// An engine's view: signals through whatever ways a session has.
TEST(SignallingTest, SeeksOnceAndLeaves) {
  Loop loop;
  Recorder entry_events, joiner_events;
  Signalling entry(loop, entry_events), joiner(loop, joiner_events);
  ASSERT_FALSE(entry.serve(at("127.0.0.1:0")));
  const Endpoint where = entry.gateway()->local_endpoint();
  joiner.seek("", where);
  joiner.seek("", where);
  ASSERT_TRUE(run_until(loop, [&] { return entry_events.open() && joiner_events.open(); }));
  EXPECT_EQ(joiner_events.paths.size(), 1u);
  EXPECT_TRUE(joiner.send(joiner_events.paths.begin()->first, bytes("ask")));
  EXPECT_TRUE(entry.send(entry_events.paths.begin()->first, bytes("answer")));
  ASSERT_TRUE(run_until(
      loop, [&] { return entry_events.messages() == 1 && joiner_events.messages() == 1; }));
  EXPECT_FALSE(joiner.send(SignalPathId(99), bytes("nobody")));
  joiner.leave();
  EXPECT_EQ(joiner_events.open(), 1u) << "not at once: a message of the path may be under way";
  EXPECT_TRUE(run_until(loop, [&] { return entry_events.open() + joiner_events.open() == 0; }));
  EXPECT_EQ(joiner.way()->state(), State::kClosed);
  joiner.seek("", where);
  EXPECT_EQ(joiner.way()->state(), State::kClosed) << "not again so soon";
}

// The engine may want a way again as soon as it hears that it has none.
class Seeker final : public SignalEvents {
 public:
  void on_path_up(SignalPathId, bool) override { ++ups; }
  void on_signal(SignalPathId, ByteSpan) override {}
  void on_path_down(SignalPathId) override {
    const Rendezvous* const reporting = signalling->way();
    signalling->seek("", where);
    EXPECT_EQ(signalling->way(), reporting) << "it would go under its own feet";
  }
  void on_path_failed(const std::string& sentence) override { ADD_FAILURE() << sentence; }

  Signalling* signalling = nullptr;
  Endpoint where;
  int ups = 0;
};

TEST(SignallingTest, SeeksAgainWhenTheWayIsGone) {
  Loop loop;
  Recorder entry_events;
  Seeker events;
  Signalling entry(loop, entry_events), joiner(loop, events, Duration());
  ASSERT_FALSE(entry.serve(at("127.0.0.1:0")));
  events.signalling = &joiner;
  events.where = entry.gateway()->local_endpoint();
  joiner.seek("", events.where);
  ASSERT_TRUE(run_until(loop, [&] { return events.ups == 1; }));
  joiner.leave();
  EXPECT_TRUE(run_until(loop, [&] { return events.ups == 2; }));
}

TEST(SignallingTest, AnOriginThatIsNoneIsNotAsked) {
  Loop loop;
  Recorder events;
  Signalling joiner(loop, events);
  joiner.seek("gopher://x", at("127.0.0.1:1"));
  EXPECT_EQ(joiner.way(), nullptr);
}

}  // namespace
}  // namespace swarmcast::rendezvous
