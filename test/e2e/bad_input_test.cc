// What users and strangers can get wrong: a sentence and an exit code, never a crash or a hang.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "engine/base/random.h"
#include "rendezvous_codec/invite.h"
#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

// Ends by itself with `code` and a sentence; not by a signal.
void expect_exit(std::unique_ptr<Process> node, int code) {
  ASSERT_TRUE(node);
  const auto exit = node->wait_exit(seconds(30));
  ASSERT_TRUE(exit) << "still running: " << say(*node);
  EXPECT_EQ(exit->signal, 0) << say(*node);
  EXPECT_EQ(exit->code, code) << say(*node);
  const auto ended = node->last_event("ended").value_or(nlohmann::json::object());
  const std::string sentence = node->text() + ended.value("text", "");
  EXPECT_GE(sentence.size(), 15u) << "no sentence";
  EXPECT_EQ(sentence.find("terminate called"), std::string::npos) << sentence;
}

std::unique_ptr<Process> watch_it(const std::string& invite) {
  return start_node({}, {"watch", invite, "--out", "null"});
}

std::unique_ptr<Process> broadcast_it(const std::string& input, ProcessOptions options = {}) {
  return start_node({}, {"broadcast", "--input", input}, {}, std::move(options));
}

rendezvous::Invite parsed(const std::string& invite) {
  const auto result = rendezvous::parse_invite(invite);
  const auto* const out = std::get_if<rendezvous::Invite>(&result);
  EXPECT_NE(out, nullptr) << invite;
  return out != nullptr ? *out : rendezvous::Invite{};
}

struct UdpSocket {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ~UdpSocket() { close(fd); }
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
  }
  void send(uint16_t port, const std::vector<uint8_t>& bytes) {
    const sockaddr_in there = loopback(port);
    sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&there),
           sizeof there);
  }
};

// A file for one test, gone with it.
struct TemporaryFile {
  std::string path = testing::TempDir() + "swarmcast-e2e-" + std::to_string(getpid());
  explicit TemporaryFile(const std::string& content) { std::ofstream(path) << content; }
  ~TemporaryFile() { unlink(path.c_str()); }
};

TEST(BadInviteTest, WhatIsNoInvite) {
  expect_exit(watch_it("hello"), 2);
  expect_exit(watch_it("http://127.0.0.1:40000/"), 2);
  expect_exit(watch_it("http://127.0.0.1:40000/#AAAA"), 2);
  expect_exit(watch_it(std::string(100'000, 'x')), 2);
  expect_exit(start_node({}, {"watch", "-"}), 2);  // an empty stdin
  expect_exit(start_node({}, {"relay", "hello"}), 2);
}

TEST(BadInviteTest, CutOrChangedByOneLetter) {
  const auto source = go_live({});
  const std::string& invite = source->invite;
  ASSERT_GT(invite.size(), 60u);
  expect_exit(watch_it(invite.substr(0, invite.size() - 1)), 2);
  expect_exit(watch_it(invite.substr(0, invite.size() - 30)), 2);
  std::string changed = invite;
  char& letter = changed[invite.find('#') + 20];
  letter = letter == 'A' ? 'B' : 'A';
  expect_exit(watch_it(changed), 2);
}

TEST(BadInviteTest, NobodyThere) {
  std::string invite;
  {
    const auto source = go_live({});
    invite = source->invite;
  }
  ASSERT_NE(invite, "");
  expect_exit(watch_it(invite), 3);
}

TEST(BadInviteTest, WithoutANetworkThatIsSaidOnce) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  rendezvous::Invite distant = parsed(source->invite);
  distant.entry.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9};
  const auto viewer = start_node({.address = "0.0.0.0", .within = {"unshare", "--net"}},
                                 {"watch", rendezvous::invite_url(distant), "--out", "null"});
  ASSERT_TRUE(viewer);
  const auto exit = viewer->wait_exit(seconds(30));
  ASSERT_TRUE(exit) << "still running: " << say(*viewer);
  if (viewer->event_count() == 0) GTEST_SKIP() << "no namespaces here: " << viewer->text();
  EXPECT_EQ(exit->code, 3) << say(*viewer);
  const auto notices = viewer->events("notice");
  const auto is_it = [](const auto& notice) {
    return notice.value("text", "").find("has no route") != std::string::npos;
  };
  EXPECT_EQ(std::count_if(notices.begin(), notices.end(), is_it), 1) << say(*viewer);
}

TEST(BadInviteTest, AnotherBroadcastsInvite) {
  const auto one = go_live({}), other = go_live({});
  ASSERT_NE(one->invite, "");
  ASSERT_NE(other->invite, "");
  rendezvous::Invite foreign = parsed(other->invite);
  foreign.entry = parsed(one->invite).entry;
  // A listener is silent to whoever does not know its secret: to them nobody is there.
  expect_exit(watch_it(rendezvous::invite_url(foreign)), 3);
  rendezvous::Invite other_source = parsed(one->invite);
  other_source.source_key_hash = parsed(other->invite).source_key_hash;
  expect_exit(watch_it(rendezvous::invite_url(other_source)), 4);
  // The broadcast is none the worse for it.
  const auto viewer = watch({}, one->invite);
  ASSERT_TRUE(viewer);
  EXPECT_TRUE(viewer->reader->wait_pictures(5, seconds(20))) << say(*viewer->process);
}

TEST(BadArgumentTest, WrongOptions) {
  const auto run = [](Words words) {
    words.insert(words.begin(), program("swarmcast"));
    return Process::start({.command = words});
  };
  expect_exit(run({}), 2);
  expect_exit(run({"dance"}), 2);
  expect_exit(run({"watch"}), 2);
  expect_exit(run({"broadcast", "--fps", "0"}), 2);
  expect_exit(run({"broadcast", "--fps", "many"}), 2);
  expect_exit(run({"broadcast", "--size", "641x"}), 2);
  expect_exit(run({"broadcast", "--size", "30x30"}), 2);
  expect_exit(run({"broadcast", "--size", "4098x360"}), 2);
  expect_exit(run({"broadcast", "--host", "example.org"}), 2);  // not ignored
  expect_exit(run({"broadcast", "--host", "0.0.0.0"}), 2);
  expect_exit(run({"broadcast", "--bitrate", "-5"}), 2);
  expect_exit(run({"broadcast", "--max-children", "1000000"}), 2);
  expect_exit(run({"broadcast", "--listen", "nowhere"}), 2);
  expect_exit(run({"broadcast", "--listen", "127.0.0.1:70000"}), 2);
  expect_exit(run({"broadcast", "--nonsense"}), 2);
  expect_exit(run({"broadcast", "--input", ""}), 2);  // not the camera
}

// What is opened next must not be taken for the stream that is closed.
TEST(BadArgumentTest, ClosedStandardStreams) {
  const auto run = [](const std::string& words) {
    return Process::start({.command = {"sh", "-c", "exec " + program("swarmcast") + " " + words}});
  };
  expect_exit(run("broadcast --json --input - <&-"), 6);
  const auto source = go_live({});
  expect_exit(run("watch --out - --json '" + source->invite + "' >&-"), 6);
  const auto mute = run("broadcast --input /no/such/film.mp4 2>&-")->wait_exit(seconds(30));
  ASSERT_TRUE(mute);
  EXPECT_EQ(mute->code, 6);
  const auto simulated = run("simulate nothing 2>&-")->wait_exit(seconds(30));
  ASSERT_TRUE(simulated);
  EXPECT_EQ(simulated->code, 2);
}

TEST(BadArgumentTest, ThePortIsInUse) {
  UdpSocket taken;
  sockaddr_in here = UdpSocket::loopback(0);
  socklen_t size = sizeof here;
  ASSERT_EQ(bind(taken.fd, reinterpret_cast<sockaddr*>(&here), size), 0);
  getsockname(taken.fd, reinterpret_cast<sockaddr*>(&here), &size);
  expect_exit(Process::start(
                  {.command = {program("swarmcast"), "broadcast", "--input", "test", "--json",
                               "--listen", "127.0.0.1:" + std::to_string(ntohs(here.sin_port))}}),
              7);
}

TEST(BadMediaTest, FilesThatAreNot) {
  expect_exit(broadcast_it("/no/such/film.mp4"), 6);
  expect_exit(broadcast_it("/no/such/\xff\xfe.mp4"), 6);  // no UTF-8
  expect_exit(broadcast_it("/"), 6);
  const TemporaryFile text("This is not a film, only some words.\n");
  expect_exit(broadcast_it(text.path), 6);
  const TemporaryFile empty("");
  expect_exit(broadcast_it(empty.path), 6);
}

TEST(BadMediaTest, PipesThatBreak) {
  expect_exit(broadcast_it("-"), 6);  // ends before it begins
  expect_exit(broadcast_it("-", {.input = "YUV4MPEG2 W640 H360 F20:1\n"}), 6);
  expect_exit(broadcast_it("-", {.input = "YUV4MPEG2 W999999999 H999999999 F20:1\nFRAME\n"}), 6);
  std::string noise;
  Prng prng(7);
  while (noise.size() < 60'000) noise.push_back(static_cast<char>(prng.next()));
  expect_exit(broadcast_it("-", {.input = noise}), 6);
}

TEST(BadMediaTest, APipeThatEndsWithinAPictureIsTheEndOfTheInput) {
  const auto source = broadcast_it("-", {.keep_input_open = true});
  ASSERT_TRUE(source);
  {
    SceneWriter scenes(*source, 1'000);
    ASSERT_TRUE(source->wait_event("invite", seconds(10))) << say(*source);
    source->signal(SIGSTOP);  // the pipe fills in the middle of a picture
    usleep(200'000);
    source->signal(SIGCONT);
  }
  const auto exit = source->wait_exit(seconds(10));
  ASSERT_TRUE(exit) << say(*source);
  EXPECT_EQ(exit->code, 0) << say(*source);
}

// Strangers without the invite: nothing they send gets far, and nobody notices.
TEST(HostilePeerTest, GarbageAtTheListeningPort) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto viewer = watch({}, source->invite);
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(kFps, seconds(20))) << say(*viewer->process);
  const int64_t memory_before = source->process->anonymous_kib().value_or(0);
  const uint16_t port = parsed(source->invite).entry.port;
  UdpSocket stranger;
  Prng prng(13);
  // First bytes of STUN, DTLS (handshake, application data) and our own fragments among them.
  const uint8_t beginnings[] = {0x00, 0x01, 0x13, 0x14, 0x16, 0x17, 0x20, 0x40, 0x80, 0xff};
  for (int i = 0; i < 20'000; ++i) {
    std::vector<uint8_t> bytes(prng.below(1'400));
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(prng.next());
    if (!bytes.empty()) bytes[0] = beginnings[prng.below(std::size(beginnings))];
    if (bytes.size() > 8 && bytes[0] < 2) {  // a STUN magic cookie
      const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};
      std::copy(std::begin(cookie), std::end(cookie), bytes.begin() + 4);
    }
    stranger.send(port, bytes);
    if (i % 20 == 0) usleep(1'000);
  }
  const size_t before = viewer->reader->pictures().size();
  EXPECT_TRUE(viewer->reader->wait_pictures(before + 2 * kFps, seconds(10)))
      << say(*viewer->process);
  EXPECT_FALSE(source->process->wait_exit(milliseconds(0))) << say(*source->process);
  const int64_t grown = source->process->anonymous_kib().value_or(0) - memory_before;
  std::printf("20,000 packets of garbage: anonymous memory grew by %ld KiB\n", grown);
  EXPECT_LE(grown, 8'192);
}

}  // namespace
}  // namespace swarmcast::test
