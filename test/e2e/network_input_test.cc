// A broadcaster that waits for a sender, as OBS is one: the ffmpeg program pushes over loopback.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

bool has_ffmpeg() {
  const auto probe = Process::start({.command = {"ffmpeg", "-version"}});
  return probe && probe->wait_exit(seconds(20)).value_or(ProcessExit{}).code == 0;
}

// A port nobody has at the moment.
uint16_t free_port(int type) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  bind(fd, reinterpret_cast<sockaddr*>(&here), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
  close(fd);
  return ntohs(here.sin_port);
}

// Pushes stamped scenes in real time, so that what arrives can be told from anything else.
struct Pusher {
  Pusher(const std::string& url, const std::string& format, const Words& more = {}) {
    Words words = {"ffmpeg",  "-v",      "error",     "-f",    "yuv4mpegpipe", "-i", "-", "-c:v",
                   "libx264", "-preset", "ultrafast", "-tune", "zerolatency",  "-g", "20"};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"-f", format, url});
    process = Process::start({.command = words, .keep_input_open = true});
    scenes = std::make_unique<SceneWriter>(*process, 2'000);
  }
  ~Pusher() {
    if (process) process->signal(SIGKILL);
    scenes.reset();
  }
  std::unique_ptr<Process> process;
  std::unique_ptr<SceneWriter> scenes;
};

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

std::unique_ptr<Process> waiting_broadcast(const std::string& input, const std::string& patience) {
  auto source = start_node({}, {"broadcast", "--input", input, "--wait", patience});
  EXPECT_TRUE(source->wait_event("notice", seconds(10), [](const auto& notice) {
    return notice.value("text", "").find("Waiting for a sender at ") == 0;
  })) << say(*source);
  return source;
}

// Everything a viewer shows is a scene that was pushed.
void expect_pushed_scenes(const std::vector<SeenPicture>& pictures, size_t from,
                          const SceneWriter& scenes) {
  size_t alike = 0;
  for (size_t i = from; i < pictures.size(); ++i) alike += scenes.likeness(pictures[i]) >= 26;
  EXPECT_GE(alike, (pictures.size() - from) * 9 / 10) << "of " << pictures.size() - from;
}

void push_and_watch(const Way& way) {
  const auto source = waiting_broadcast(way.input, "20");
  auto pusher = std::make_unique<Pusher>(way.target, way.format);
  const std::string invite = invite_of(*source);
  ASSERT_NE(invite, "") << say(*source) << say(*pusher->process);
  const auto viewer = watch({}, invite);
  ASSERT_TRUE(viewer->reader->wait_pictures(3 * kFps, seconds(30))) << say(*source);
  expect_pushed_scenes(viewer->reader->pictures(), 0, *pusher->scenes);
  const Latency latency = glass_to_glass(viewer->reader->pictures());
  std::printf("%s: glass to glass: %s\n", way.format.c_str(), to_string(latency).c_str());

  // The sender goes, and comes back in another shape: the same stream goes on.
  pusher.reset();
  ASSERT_TRUE(source->wait_event("notice", seconds(20), [](const auto& notice) {
    return notice.value("text", "").find("has gone") != std::string::npos;
  })) << say(*source);
  pusher = std::make_unique<Pusher>(way.target, way.format, Words{"-vf", "scale=320:180"});
  ASSERT_TRUE(source->wait_event("notice", seconds(20),
                                 [](const auto& notice) {
                                   return notice.value("text", "").find("is back") !=
                                          std::string::npos;
                                 }))
      << say(*source) << say(*pusher->process);
  // What was in the pipe before is not counted.
  const size_t before = viewer->reader->pictures().size();
  ASSERT_TRUE(viewer->reader->wait_pictures(before + 4 * kFps, seconds(30))) << say(*source);
  const auto pictures = viewer->reader->pictures();
  EXPECT_EQ(pictures.back().width, kWidth);
  expect_pushed_scenes(pictures, before + kFps, *pusher->scenes);
}

TEST(NetworkInputTest, SrtIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  push_and_watch(srt());
}

TEST(NetworkInputTest, RtmpIsPushedLostAndPushedAgain) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  push_and_watch(rtmp());
}

TEST(NetworkInputTest, ASenderThatStaysAwayEndsTheBroadcast) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const Way way = rtmp();
  const auto source = waiting_broadcast(way.input, "1");
  {
    const Pusher pusher(way.target, way.format);
    ASSERT_NE(invite_of(*source), "") << say(*source);
  }
  const auto exit = source->wait_exit(seconds(20));
  ASSERT_TRUE(exit) << say(*source);
  EXPECT_EQ(exit->code, 0) << say(*source);
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
  expect_refusal("tofu://127.0.0.1:" + tcp, seconds(3), "does not know addresses");
  expect_refusal("srt://192.0.2.1:9000?mode=listener", seconds(3), "does not have that address");
  expect_refusal("http://name.invalid/film.mp4", seconds(10), "no machine called");
}

TEST(NetworkInputTest, StopsAtOnceWhileItWaits) {
  for (const std::string& input : {srt().input, rtmp().input}) {
    const auto source = waiting_broadcast(input, "20");
    const int64_t start_us = monotonic_us();
    source->signal(SIGINT);
    const auto exit = source->wait_exit(seconds(20));
    ASSERT_TRUE(exit) << say(*source);
    EXPECT_EQ(exit->code, 0) << say(*source);
    EXPECT_LT(monotonic_us() - start_us, 2'000'000);
  }
}

TEST(NetworkInputTest, SoundAloneReachesAViewer) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const std::string port = std::to_string(free_port(SOCK_STREAM));
  const auto source = waiting_broadcast("tcp://127.0.0.1:" + port + "?listen", "20");
  const auto pusher =
      Process::start({.command = {"ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i",
                                  "sine=frequency=440", "-t", "30", "-c:a", "libopus", "-f", "ogg",
                                  "tcp://127.0.0.1:" + port}});
  const std::string invite = invite_of(*source);
  ASSERT_NE(invite, "") << say(*source) << say(*pusher);
  const auto stream = source->last_event("stream").value_or(Process::Json{});
  EXPECT_EQ(stream.value("codec", ""), "none") << stream;
  const auto middle = relay({}, invite);
  const auto viewer = watch({}, middle->invite);
  for (int i = 0; i < 150 && viewer->reader->sound().size() < 100; ++i) usleep(100'000);
  const auto sound = viewer->reader->sound();
  EXPECT_GE(sound.size(), 100u) << say(*viewer->process) << say(*source);
  double loudest = 0;
  for (const SeenSound& s : sound) loudest = std::max(loudest, s.rms);
  EXPECT_GT(loudest, 0.03);
}

}  // namespace
}  // namespace swarmcast::test
