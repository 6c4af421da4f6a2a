// A broadcaster that calls: cameras, servers and playlists in the network, all on the loopback.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "test/e2e/pusher.h"
#include "test/e2e/tiny_servers.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

struct NetworkPullTest : testing::Test {
  void SetUp() override {
    if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  }
};

// Waits until somebody has the port, without disturbing it.
bool wait_port(int type, uint16_t port) {
  char wanted[16];
  std::snprintf(wanted, sizeof wanted, "0100007F:%04X", port);
  for (int i = 0; i < 200; ++i, usleep(50'000)) {
    std::ifstream table(type == SOCK_STREAM ? "/proc/net/tcp" : "/proc/net/udp");
    const std::string all((std::istreambuf_iterator<char>(table)), {});
    if (all.find(wanted) != std::string::npos) return true;
  }
  return false;
}

// What `input` gives reaches a viewer, and is what `scenes` wrote.
void expect_pulled(Process& source, const std::function<const SceneWriter*()>& scenes) {
  const std::string invite = invite_of(source);
  ASSERT_NE(invite, "") << say(source);
  const auto viewer = watch({}, invite);
  ASSERT_TRUE(viewer->reader->wait_pictures(kFps, seconds(30))) << say(source);
  ASSERT_TRUE(scenes());
  const auto first = wait_scenes(*viewer, *scenes(), 3 * kFps);
  ASSERT_TRUE(first) << say(source);
  expect_scenes(*viewer, *scenes(), *first);
  std::printf("glass to glass: %s\n",
              to_string(glass_to_glass(viewer->reader->pictures())).c_str());
}

// ffmpeg is the server.
void pull(int type, uint16_t port, const std::string& server, const std::string& format,
          const std::string& input, const Words& more = {}) {
  const Pusher pusher(server, format, more);
  ASSERT_TRUE(wait_port(type, port)) << say(*pusher.process);
  const auto source = start_node({}, {"broadcast", "--input", input});
  expect_pulled(*source, [&] { return pusher.scenes.get(); });
}

TEST_F(NetworkPullTest, Http) {
  const uint16_t port = free_port(SOCK_STREAM);
  const std::string address = "http://127.0.0.1:" + std::to_string(port) + "/live.ts";
  pull(SOCK_STREAM, port, address, "mpegts", address, {"-listen", "1"});
}

TEST_F(NetworkPullTest, Rtmp) {
  const uint16_t port = free_port(SOCK_STREAM);
  const std::string address = "rtmp://127.0.0.1:" + std::to_string(port) + "/live/key";
  pull(SOCK_STREAM, port, address, "flv", address, {"-listen", "1"});
}

TEST_F(NetworkPullTest, Tcp) {
  const uint16_t port = free_port(SOCK_STREAM);
  const std::string address = "tcp://127.0.0.1:" + std::to_string(port);
  pull(SOCK_STREAM, port, address + "?listen", "mpegts", address);
}

TEST_F(NetworkPullTest, Srt) {
  const uint16_t port = free_port(SOCK_DGRAM);
  const std::string address = "srt://127.0.0.1:" + std::to_string(port);
  pull(SOCK_DGRAM, port, address + "?mode=listener", "mpegts", address);
}

TEST_F(NetworkPullTest, Rtsp) {
  std::unique_ptr<Pusher> pusher;
  const RtspServer server([&](uint16_t port) {
    pusher = std::make_unique<Pusher>("rtp://127.0.0.1:" + std::to_string(port), "rtp",
                                      Words{"-payload_type", "96"});
  });
  const auto source = start_node(
      {}, {"broadcast", "--input", "rtsp://127.0.0.1:" + std::to_string(server.port()) + "/cam"});
  expect_pulled(*source, [&] { return pusher->scenes.get(); });
}

struct Folder {
  std::string path = testing::TempDir() + "swarmcast-pull-" + std::to_string(getpid());
  Folder() { std::filesystem::create_directory(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

TEST_F(NetworkPullTest, Hls) {
  const Folder folder;
  const HttpFolder server(folder.path);
  const Pusher pusher(folder.path + "/live.m3u8", "hls", {"-hls_time", "1", "-hls_list_size", "4"});
  for (int i = 0; i < 300 && !std::filesystem::exists(folder.path + "/live2.ts"); ++i)
    usleep(50'000);
  const auto source = start_node(
      {},
      {"broadcast", "--input", "http://127.0.0.1:" + std::to_string(server.port()) + "/live.m3u8"});
  expect_pulled(*source, [&] { return pusher.scenes.get(); });
}

void expect_sentence(const std::string& input, const std::string& words) {
  const auto source = start_node({}, {"broadcast", "--input", input});
  const auto exit = source->wait_exit(seconds(30));
  ASSERT_TRUE(exit) << input << say(*source);
  EXPECT_EQ(exit->code, 6) << input;
  EXPECT_NE(say(*source).find(words), std::string::npos) << say(*source);
}

// Accepts connections and says nothing; or says something else than what is asked for.
struct SilentServer : TinyServer {
  SilentServer() { start(); }
  ~SilentServer() override { stop(); }
  std::string answer(const std::string&) override { return " "; }
};

TEST(NetworkPullErrorTest, ServersThatHaveNothingForUs) {
  const Folder folder;
  std::ofstream(folder.path + "/text.txt") << "no film\n";
  const HttpFolder server(folder.path);
  const std::string here = "127.0.0.1:" + std::to_string(server.port());
  expect_sentence("http://" + here + "/film.mp4", "nothing by that name (404)");
  expect_sentence("http://" + here + "/text.txt", "not a video that FFmpeg understands");
  expect_sentence("https://" + here + "/film.mp4", "does not speak TLS");
  const SilentServer silent;
  expect_sentence("http://127.0.0.1:" + std::to_string(silent.port()) + "/x", "does not answer");
}

// Whoever wrote a playlist could otherwise have our own films broadcast.
TEST_F(NetworkPullTest, APlaylistFromTheNetworkReadsNoFileOfOurs) {
  const Folder folder;
  const HttpFolder server(folder.path);
  const std::string film = folder.path + "/film.ts";
  const auto maker =
      Process::start({.command = {"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                                  "testsrc=duration=3", "-c:v", "libx264", film}});
  ASSERT_EQ(maker->wait_exit(seconds(30)).value_or(ProcessExit{}).code, 0) << maker->text();
  const auto end_of = [&](const std::string& entry) {
    std::ofstream(folder.path + "/list.m3u8") << "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n"
                                              << entry << "\n#EXT-X-ENDLIST\n";
    const auto source =
        start_node({}, {"broadcast", "--input",
                        "http://127.0.0.1:" + std::to_string(server.port()) + "/list.m3u8"});
    return source->wait_exit(seconds(30)).value_or(ProcessExit{}).code;
  };
  EXPECT_EQ(end_of("film.ts"), 0);
  EXPECT_EQ(end_of("file://" + film), 6);
  EXPECT_EQ(end_of("concat:" + film), 6);
}

}  // namespace
}  // namespace swarmcast::test
