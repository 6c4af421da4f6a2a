// Broadcasters, viewers and relays of the real program, looked through while they run and at their
// end. The invite is known here; of keys, pictures and encoded frames, which are not, the proof is
// that nothing at all is left.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <random>
#include <thread>

#include "rendezvous_codec/invite.h"
#include "test/e2e/nodes.h"
#include "test/e2e/screen.h"
#include "test/forensics/exit_scan.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

// Of a session that carries a stream; a relay's is the smallest.
constexpr uint64_t kOfASession = 256 * 1'024;

std::vector<Canary> canaries_of(const std::string& url) {
  const auto parsed = rendezvous::parse_invite(url);
  const auto& invite = std::get<rendezvous::Invite>(parsed);
  return {{"secret", {invite.secret.begin(), invite.secret.end()}},
          {"invite", url.substr(url.find('#') + 1)}};
}

// Rows of the last scenes that a broadcaster was fed with, from where no stamp is.
std::vector<Canary> rows_of_scenes(int first, int last) {
  std::vector<Canary> out;
  for (int number = first; number <= last; ++number) {
    const Picture420 scene = make_scene(number, kWidth, kHeight);
    const auto* row = reinterpret_cast<const char*>(scene.y()) + (kHeight - 20) * kWidth;
    out.push_back({"picture", std::string(row, 128)});
  }
  return out;
}

void expect_nothing_left(const MemoryScan& alive, const MemoryScan& dead) {
  std::printf("of %.1f MB, %.1f MB were not zero; at the end %lu bytes\n",
              static_cast<double>(alive.writable) / 1e6, static_cast<double>(alive.not_zero) / 1e6,
              dead.not_zero);
  EXPECT_TRUE(alive.found("secret")) << "the scan does not see what is there";
  EXPECT_GT(alive.not_zero, kOfASession);
  EXPECT_EQ(dead.hits, std::vector<std::string>{});
  EXPECT_EQ(dead.unreadable, std::vector<std::string>{});
  EXPECT_LT(dead.not_zero, kLeftByTheWipe);
}

// That it ends by itself, instead of by a signal.
constexpr int kByItself = -1;

// A session that receives: with these words, until that signal; 0: until its source ends.
void examine_receiver(const Words& words, int number, const Words& environment = {}) {
  SCOPED_TRACE(words[0] + ", signal " + std::to_string(number));
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  Place visible;
  visible.within = run_where_visible();
  visible.within.insert(visible.within.end(), environment.begin(), environment.end());
  Words command = {words[0], source->invite};
  command.insert(command.end(), words.begin() + 1, words.end());
  const auto node = start_node(visible, command);
  ASSERT_TRUE(node);
  ASSERT_TRUE(node->wait_event("stats", seconds(20), [](const auto& stats) {
    return stats["bytes"].value("media_in", 0) > 50'000;
  })) << say(*node);
  const auto canaries = canaries_of(source->invite);
  Autopsy autopsy(node->pid());
  if (!autopsy.attached()) GTEST_SKIP() << "tracing is not allowed here";
  const auto alive = autopsy.scan_alive(canaries);
  ASSERT_TRUE(alive);
  EXPECT_FALSE(alive->found("invite")) << "only what it holds is needed once it is read";
  if (number > 0) node->signal(number);
  if (number == 0) source->process->signal(SIGTERM);
  const auto dead = autopsy.scan_at_exit(canaries, seconds(20));
  ASSERT_TRUE(dead) << say(*node);
  expect_nothing_left(*alive, *dead);
}

TEST(SessionForensics, AViewerLeavesNothing) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGABRT, 0})
    examine_receiver({"watch", "--out", "null"}, number);
}

TEST(SessionForensics, ATimeLimitLeavesNothing) {
  examine_receiver({"watch", "--out", "null", "--max-duration", "8"}, kByItself);
}

TEST(SessionForensics, ARelayLeavesNothing) {
  for (const int number : {SIGTERM, SIGBUS, 0}) examine_receiver({"relay"}, number);
}

TEST(SessionForensics, ABroadcasterLeavesNothing) {
  const auto pictures = rows_of_scenes(0, 5 * kFps);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGFPE, 0}) {
    SCOPED_TRACE("signal " + std::to_string(number));
    Place visible;
    visible.within = run_where_visible();
    const auto node =
        start_node(visible, {"broadcast", "--input", "-"}, {}, {.keep_input_open = true});
    ASSERT_TRUE(node);
    SceneWriter scenes(*node, number ? 100'000 : 4 * kFps);
    const std::string invite = invite_of(*node);
    ASSERT_NE(invite, "") << say(*node);
    const auto viewer = watch({}, invite);
    ASSERT_TRUE(viewer->reader->wait_pictures(kFps / 2, seconds(20)));
    auto canaries = canaries_of(invite);
    canaries.insert(canaries.end(), pictures.begin(), pictures.end());
    Autopsy autopsy(node->pid());
    if (!autopsy.attached()) GTEST_SKIP() << "tracing is not allowed here";
    const auto alive = autopsy.scan_alive(canaries);
    ASSERT_TRUE(alive);
    EXPECT_TRUE(alive->found("invite"));
    EXPECT_TRUE(alive->found("picture"));
    if (number) node->signal(number);
    const auto dead = autopsy.scan_at_exit(canaries, seconds(20));
    ASSERT_TRUE(dead) << say(*node);
    expect_nothing_left(*alive, *dead);
  }
}

// With the libraries of windows, of a graphics card's driver and of sound.
TEST(SessionForensics, AWindowLeavesNothing) {
  const Screen screen;
  if (screen.display() == "") GTEST_SKIP() << "Xvfb is not installed";
  for (const int number : {SIGTERM, SIGSEGV})
    examine_receiver({"watch", "--out", "window"}, number,
                     {"env", "DISPLAY=" + screen.display(), "SDL_AUDIODRIVER=dummy"});
}

// A picture no two of whose rows are alike, or a grey one.
std::string noisy_frame(const std::string* row) {
  std::string out = "FRAME\n";
  const std::string grey(kWidth, '\x60');
  for (int y = 0; y < kHeight; ++y) out += row && y % 40 == 0 ? *row : grey;
  return out.append(kWidth * kHeight / 2, '\x80');
}

// While it goes on, not just at the end.
TEST(SessionForensics, APictureIsGoneOnceTheRingHasPassedIt) {
  constexpr int kNoisy = kFps, kAfter = 7 * kFps;
  std::mt19937 random(std::random_device{}());
  Canary row{"picture", std::string(kWidth, '\0')};
  for (char& c : row.bytes) c = static_cast<char>(16 + random() % 200);
  const std::string whole = row.bytes;
  row.bytes.resize(128);
  Place visible;
  visible.within = run_where_visible();
  const auto node =
      start_node(visible, {"broadcast", "--input", "-"}, {}, {.keep_input_open = true});
  ASSERT_TRUE(node);
  const std::string header = "YUV4MPEG2 W640 H360 F20:1 Ip A1:1 C420jpeg\n";
  ASSERT_TRUE(node->write_input(header.data(), header.size()));
  auto due = std::chrono::steady_clock::now();
  for (int i = 0; i < kNoisy + kAfter; ++i, due += milliseconds(1'000 / kFps)) {
    std::this_thread::sleep_until(due);  // as a camera would
    const std::string frame = noisy_frame(i < kNoisy ? &whole : nullptr);
    ASSERT_TRUE(node->write_input(frame.data(), frame.size())) << say(*node);
    if (i != kNoisy - 1 && i != kNoisy + kAfter - 1) continue;
    Autopsy autopsy(node->pid());
    if (!autopsy.attached()) GTEST_SKIP() << "tracing is not allowed here";
    const auto alive = autopsy.scan_alive({row});
    ASSERT_TRUE(alive);
    EXPECT_EQ(alive->found("picture"), i < kNoisy)
        << alive->hits.size() << " places, picture " << i;
  }
}

}  // namespace
}  // namespace swarmcast::test
