#include "test/e2e/pusher.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

constexpr int kPatienceMs = 40'000;
constexpr int kPollMs = 50;
constexpr double kAlike = 26;  // dB

}  // namespace

bool has_ffmpeg() {
  const auto probe = Process::start({.command = {"ffmpeg", "-version"}});
  return probe && probe->wait_exit(seconds(20)).value_or(ProcessExit{}).code == 0;
}

uint16_t free_port(int type) {
  constexpr int kFirst = 20'000, kCount = 10'000, kPortsOfATest = 10;
  static int turn = getpid() * kPortsOfATest;  // tests run side by side
  while (true) {
    const auto port = static_cast<uint16_t>(kFirst + turn++ % kCount);
    const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_free = bind(fd, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0;
    close(fd);
    if (is_free) return port;
  }
}

Pusher::Pusher(const std::string& url, const std::string& format, const Words& more,
               const Words& inputs) {
  Words words = {"ffmpeg", "-v", "error", "-f", "yuv4mpegpipe", "-i", "-"};
  const auto append = [&words](const Words& w) { words.insert(words.end(), w.begin(), w.end()); };
  append(inputs);
  append({"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "20"});
  append(more);
  append({"-f", format, url});
  process = Process::start({.command = words, .keep_input_open = true});
  scenes = std::make_unique<SceneWriter>(*process, 2'000);
}

Pusher::~Pusher() {
  if (process) process->signal(SIGKILL);
  scenes.reset();
}

bool wait_notice(Process& node, const std::string& words, size_t from) {
  return node
      .wait_event(
          "notice", milliseconds(kPatienceMs),
          [&](const auto& notice) {
            return notice.value("text", "").find(words) != std::string::npos;
          },
          from)
      .has_value();
}

std::unique_ptr<Process> waiting_broadcast(const std::string& input, const Words& more) {
  Words words = {"broadcast", "--input", input};
  words.insert(words.end(), more.begin(), more.end());
  auto source = start_node({}, words);
  EXPECT_TRUE(wait_notice(*source, "Waiting for a sender at ")) << say(*source);
  return source;
}

std::optional<size_t> wait_scenes(const Viewer& viewer, const SceneWriter& scenes, size_t count,
                                  size_t from) {
  for (int waited = 0; waited < kPatienceMs; waited += kPollMs) {
    const auto pictures = viewer.reader->pictures();
    std::optional<size_t> first;
    size_t alike = 0;
    for (size_t i = from; i < pictures.size(); ++i) {
      if (scenes.likeness(pictures[i]) < kAlike) continue;
      ++alike;
      first = first.value_or(i);
    }
    if (alike >= count) return first;
    usleep(kPollMs * 1'000);
  }
  return std::nullopt;
}

void expect_scenes(const Viewer& viewer, const SceneWriter& scenes, size_t from) {
  const auto pictures = viewer.reader->pictures();
  size_t alike = 0;
  for (size_t i = from; i < pictures.size(); ++i) alike += scenes.likeness(pictures[i]) >= kAlike;
  EXPECT_GE(alike, (pictures.size() - from) * 9 / 10) << "of " << pictures.size() - from;
}

// The band across the middle is black at its left end, and there are light letters in it.
bool is_card(const SeenPicture& picture) {
  const auto& luma = picture.thumbnail.luma;
  if (luma.empty()) return false;
  const auto middle = luma.begin() + Thumbnail::kWidth * (Thumbnail::kHeight / 2);
  return middle[0] < 30 && *std::max_element(middle, middle + Thumbnail::kWidth) > 80;
}

}  // namespace swarmcast::test
