// A broadcaster that waits for a sender, as OBS is one: the ffmpeg program pushes over loopback.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/e2e/pusher.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

struct Way {
  std::string input, target, format;
};

Way srt() {
  const std::string port = std::to_string(free_port(SOCK_DGRAM));
  return {"srt://127.0.0.1:" + port + "?mode=listener", "srt://127.0.0.1:" + port, "mpegts"};
}

Way rtmp() {
  const std::string port = std::to_string(free_port(SOCK_STREAM));
  const std::string address = "rtmp://127.0.0.1:" + port + "/live/key";
  return {address + "?listen", address, "flv"};
}

// The invite is there before the sender, and whoever joins then sees that it is waited for. When
// the sender goes, everybody is told; when it comes back in another shape, the same stream goes on.
void push_and_watch(const Way& way, const Words& more = {}, const Words& later = {},
                    const Words& inputs = {}) {
  const auto source = waiting_broadcast(way.input);
  const std::string invite = invite_of(*source);
  ASSERT_NE(invite, "") << say(*source);
  const auto viewer = watch({}, invite);
  ASSERT_TRUE(viewer->reader->wait_pictures(5, seconds(30))) << say(*source);
  EXPECT_TRUE(is_card(viewer->reader->pictures().back()));

  auto pusher = std::make_unique<Pusher>(way.target, way.format, more, inputs);
  const int64_t pushed_us = monotonic_us();
  const auto first = wait_scenes(*viewer, *pusher->scenes, 3 * kFps);
  ASSERT_TRUE(first) << say(*source) << say(*pusher->process);
  const auto pictures = viewer->reader->pictures();
  const double wait_ms = static_cast<double>(pictures[*first].arrived_us - pushed_us) / 1e3;
  std::printf("%s: first picture %.0f ms after the sender's start; glass to glass: %s\n",
              way.input.c_str(), wait_ms, to_string(glass_to_glass(pictures)).c_str());
  EXPECT_LT(wait_ms, 10'000);  // below 1,000 on an idle machine; OBS's way holds pictures back
  expect_scenes(*viewer, *pusher->scenes, *first);

  pusher.reset();
  ASSERT_TRUE(wait_notice(*source, "has gone")) << say(*source);
  const size_t gone = viewer->reader->pictures().size();
  ASSERT_TRUE(viewer->reader->wait_pictures(gone + 5, seconds(10)));
  EXPECT_TRUE(is_card(viewer->reader->pictures().back()));
  const size_t heard = source->event_count();
  Words again = more;
  again.insert(again.end(), later.begin(), later.end());
  pusher = std::make_unique<Pusher>(way.target, way.format, again, inputs);
  ASSERT_TRUE(wait_notice(*source, "A sender is there", heard))
      << say(*source) << say(*pusher->process);
  const auto back = wait_scenes(*viewer, *pusher->scenes, 3 * kFps, gone);
  ASSERT_TRUE(back) << say(*source);
  EXPECT_EQ(viewer->reader->pictures().back().width, kWidth);
  expect_scenes(*viewer, *pusher->scenes, *back);
}

const Words kSmaller = {"-vf", "scale=320:180"};

TEST(NetworkInputTest, SrtIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  push_and_watch(srt(), {}, kSmaller);
}

// libsrt needs 5 s to give up a sender that says nothing, not even that it goes.
TEST(NetworkInputTest, ASrtSenderThatDiesIsNamedBeforeItIsGivenUp) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const Way way = srt();
  const auto source = waiting_broadcast(way.input);
  const auto viewer = watch({}, invite_of(*source));
  auto pusher = std::make_unique<Pusher>(way.target, way.format);
  ASSERT_TRUE(wait_scenes(*viewer, *pusher->scenes, kFps)) << say(*source);
  pusher.reset();
  const int64_t died_us = monotonic_us();
  ASSERT_TRUE(wait_notice(*source, "Nothing comes from the sender")) << say(*source);
  std::printf("a dead sender is named after %.0f ms\n",
              static_cast<double>(monotonic_us() - died_us) / 1e3);
  const size_t named = viewer->reader->pictures().size();
  ASSERT_TRUE(viewer->reader->wait_pictures(named + kFps, seconds(10)));
  EXPECT_TRUE(is_card(viewer->reader->pictures().back()));
  EXPECT_TRUE(wait_notice(*source, "has gone")) << say(*source);
}

TEST(NetworkInputTest, RtmpIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  push_and_watch(rtmp(), {}, kSmaller);
}

// What OBS does unless told otherwise: B-frames, 8 s between key frames, sound beside it.
void push_as_obs(const Way& way, const std::string& rate) {
  push_and_watch(way,
                 {"-preset", "veryfast", "-tune", "film", "-bf", "3", "-g", "250", "-c:a", "aac",
                  "-ar", rate, "-b:a", "160k", "-output_ts_offset", "5000"},
                 {}, {"-re", "-f", "lavfi", "-i", "sine=frequency=440"});
}

TEST(NetworkInputTest, RtmpAsObsPushesIt) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  push_as_obs(rtmp(), "44100");
}

TEST(NetworkInputTest, SrtAsObsPushesIt) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  push_as_obs(srt(), "48000");
}

TEST(NetworkInputTest, HttpIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const std::string address = "http://127.0.0.1:" + std::to_string(free_port(SOCK_STREAM)) + "/x";
  push_and_watch({address + "?listen=1", address, "mpegts"}, {}, kSmaller);
}

TEST(NetworkInputTest, UdpIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const std::string address = "udp://127.0.0.1:" + std::to_string(free_port(SOCK_DGRAM));
  push_and_watch({address, address + "?pkt_size=1316", "mpegts"});
}

TEST(NetworkInputTest, RtspIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const std::string address =
      "rtsp://127.0.0.1:" + std::to_string(free_port(SOCK_STREAM)) + "/live";
  push_and_watch({address + "?listen", address, "rtsp"}, {"-rtsp_transport", "tcp"});
}

TEST(NetworkInputTest, ASenderThatStaysAwayEndsTheBroadcast) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const Way way = rtmp();
  const auto source = waiting_broadcast(way.input, {"--wait", "1"});
  {
    const Pusher pusher(way.target, way.format);
    ASSERT_TRUE(wait_notice(*source, "A sender is there")) << say(*source);
  }
  const auto exit = source->wait_exit(seconds(20));
  ASSERT_TRUE(exit) << say(*source);
  EXPECT_EQ(exit->code, 0) << say(*source);
}

// A connection to a TCP port of this machine, once somebody listens there.
struct SilentVisitor {
  explicit SilentVisitor(uint16_t port) {
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 100 && !connected; ++i) {
      connected = connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0;
      if (!connected) usleep(100'000);
    }
  }
  ~SilentVisitor() { close(fd); }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool connected = false;
};

TEST(NetworkInputTest, WhoConnectsAndIsSilentDoesNotKeepTheSenderOut) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const uint16_t port = free_port(SOCK_STREAM);
  const std::string address = "rtmp://127.0.0.1:" + std::to_string(port) + "/live/key";
  const auto source = waiting_broadcast(address + "?listen");
  const SilentVisitor visitor(port);
  ASSERT_TRUE(visitor.connected) << say(*source);
  ASSERT_TRUE(wait_notice(*source, "sent no stream")) << say(*source);
  bool there = false;
  for (int i = 0; i < 10 && !there; ++i) {
    const Pusher pusher(address, "flv");
    // The port is closed for a moment in between: who is refused gives up at once.
    if (pusher.process->wait_exit(seconds(2))) continue;
    there = wait_notice(*source, "A sender is there");
  }
  EXPECT_TRUE(there) << say(*source);
}

// A sentence and an exit code at once, whatever is wrong with the address.
void expect_refusal(const std::string& input, milliseconds limit, const std::string& words) {
  const auto source = start_node({}, {"broadcast", "--input", input});
  const int64_t start_us = monotonic_us();
  const auto exit = source->wait_exit(seconds(30));
  ASSERT_TRUE(exit) << input << say(*source);
  EXPECT_EQ(exit->code, 6) << input << say(*source);
  EXPECT_LT(monotonic_us() - start_us, limit.count() * 1'000) << input;
  const std::string sentence = source->last_event("ended").value_or(Process::Json{}).dump();
  EXPECT_NE(sentence.find(words), std::string::npos) << sentence;
}

TEST(NetworkInputTest, BadAddressesAreRefusedAtOnce) {
  const std::string udp = std::to_string(free_port(SOCK_DGRAM));
  const std::string tcp = std::to_string(free_port(SOCK_STREAM));
  expect_refusal("rtmp://127.0.0.1:" + tcp + "/live/key", seconds(3), "refuses the connection");
  expect_refusal("http://127.0.0.1:" + tcp + "/film.mp4", seconds(3), "refuses the connection");
  expect_refusal("srt://127.0.0.1:" + udp, seconds(8), "does not answer");
  expect_refusal("tofu://host.invalid/x", seconds(3), "does not know addresses");
  expect_refusal("tofu://127.0.0.1:" + tcp, seconds(3), "does not know addresses");
  expect_refusal("srt://192.0.2.1:9000?mode=listener", seconds(3), "does not have that address");
  expect_refusal("tcp://127.0.0.1?listen", seconds(3), "names no port");
  expect_refusal("http://name.invalid/film.mp4", seconds(10), "no machine called");
}

TEST(NetworkInputTest, StopsAtOnceWhileItWaits) {
  for (const std::string& input : {srt().input, rtmp().input}) {
    const auto source = waiting_broadcast(input);
    const int64_t start_us = monotonic_us();
    source->signal(SIGINT);
    const auto exit = source->wait_exit(seconds(20));
    ASSERT_TRUE(exit) << say(*source);
    EXPECT_EQ(exit->code, 0) << say(*source);
    EXPECT_LT(monotonic_us() - start_us, 10'000'000);
  }
}

TEST(NetworkInputTest, SoundAloneReachesAViewer) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const std::string port = std::to_string(free_port(SOCK_STREAM));
  const auto source = waiting_broadcast("tcp://127.0.0.1:" + port + "?listen");
  const auto pusher =
      Process::start({.command = {"ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i",
                                  "sine=frequency=440", "-t", "30", "-c:a", "libopus", "-f", "ogg",
                                  "tcp://127.0.0.1:" + port}});
  ASSERT_TRUE(wait_notice(*source, "sound only")) << say(*source) << say(*pusher);
  const std::string invite = invite_of(*source);
  ASSERT_NE(invite, "") << say(*source);
  const auto middle = relay({}, invite);
  const auto viewer = watch({}, middle->invite);
  for (int i = 0; i < 150 && viewer->reader->sound().size() < 100; ++i) usleep(100'000);
  const auto sound = viewer->reader->sound();
  EXPECT_GE(sound.size(), 100u) << say(*viewer->process) << say(*source);
  double loudest = 0;
  for (const SeenSound& s : sound) loudest = std::max(loudest, s.rms);
  EXPECT_GT(loudest, 0.03);
  const auto pictures = viewer->reader->pictures();
  ASSERT_FALSE(pictures.empty());
  EXPECT_TRUE(is_card(pictures.back()));
}

}  // namespace
}  // namespace swarmcast::test
