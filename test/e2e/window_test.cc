// The window, on a screen without a monitor: what is really on it, and when the sound comes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "test/e2e/nodes.h"
#include "test/e2e/screen.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

std::unique_ptr<Process> watch_in_window(const Screen& screen, const std::string& invite,
                                         Words environment = {"SDL_AUDIODRIVER=dummy"}) {
  Words words = {"env", "DISPLAY=" + screen.display()};
  words.insert(words.end(), environment.begin(), environment.end());
  for (const std::string& word :
       {program("swarmcast"), std::string("watch"), invite, std::string("--json"),
        std::string("--listen"), std::string("127.0.0.1:0")})
    words.push_back(word);
  return Process::start({.command = words});  // a window is the default where there is a screen
}

// A fifo that SDL's driver for tests writes its sound into, in real time.
class SoundPipe {
 public:
  SoundPipe() : path_(testing::TempDir() + "swarmcast-sound-" + std::to_string(getpid())) {
    made_ = mkfifo(path_.c_str(), 0600) == 0;
    fd_ = open(path_.c_str(), O_RDWR | O_CLOEXEC);  // not ended by the writer
    thread_ = std::thread([this] { run(); });
  }
  ~SoundPipe() {
    stopping_ = true;
    const char wake[kBlock] = {};
    EXPECT_GT(write(fd_, wake, sizeof wake), 0);
    thread_.join();
    close(fd_);
    unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  // When each beep began to be written.
  std::vector<int64_t> beeps() const {
    const std::lock_guard lock(mutex_);
    return beeps_;
  }

 private:
  static constexpr size_t kBlock = 1024;  // bytes: what is written at once
  static constexpr int kLoud = 1000;
  static constexpr int kSilentBlocks = 20;

  void run() {
    std::vector<int16_t> block(kBlock / 2);
    int silent = 0;
    while (!stopping_) {
      size_t have = 0;
      while (have < kBlock) {
        const ssize_t n = read(fd_, reinterpret_cast<char*>(block.data()) + have, kBlock - have);
        if (n <= 0) return;
        have += static_cast<size_t>(n);
      }
      const auto loud =
          std::find_if(block.begin(), block.end(), [](int s) { return std::abs(s) > kLoud; });
      if (loud == block.end()) {
        ++silent;
        continue;
      }
      if (silent >= kSilentBlocks) {
        const std::lock_guard lock(mutex_);
        beeps_.push_back(monotonic_us() + (loud - block.begin()) * 1'000'000 / 48'000);
      }
      silent = 0;
    }
  }

  std::string path_;
  bool made_ = false;
  int fd_ = -1;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<int64_t> beeps_;
  std::thread thread_;
};

double brightness(const SeenPicture& picture) {
  double sum = 0;
  // Without the stamp, which changes all the time.
  const auto& luma = picture.thumbnail.luma;
  const size_t from = Thumbnail::kWidth * Thumbnail::kHeight / 5;
  for (size_t i = from; i < luma.size(); ++i) sum += luma[i];
  return luma.empty() ? 0 : sum / static_cast<double>(luma.size() - from);
}

// When the screen began to flash, once a second.
std::vector<int64_t> flashes(const std::vector<SeenPicture>& pictures) {
  std::vector<double> all;
  for (const SeenPicture& p : pictures) all.push_back(brightness(p));
  std::vector<double> sorted = all;
  std::sort(sorted.begin(), sorted.end());
  const double usual = sorted[sorted.size() / 2], brightest = sorted.back();
  const double limit = (usual + brightest) / 2;
  std::vector<int64_t> out;
  for (size_t i = 1; i < all.size(); ++i)
    if (all[i] > limit && all[i - 1] <= limit) out.push_back(pictures[i].arrived_us);
  return out;
}

struct WindowTest : testing::Test {
  void SetUp() override {
    if (screen.display().empty()) GTEST_SKIP() << "Xvfb is not installed";
    const auto probe = Process::start({.command = {"ffmpeg", "-version"}});
    if (!probe || probe->wait_exit(seconds(20)).value_or(ProcessExit{}).code != 0)
      GTEST_SKIP() << "the ffmpeg program is not installed";
  }
  Screen screen;
};

TEST_F(WindowTest, ShowsTheStreamWithItsSoundInStep) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const SoundPipe sound;
  const auto viewer = watch_in_window(
      screen, source->invite, {"SDL_AUDIODRIVER=disk", "SDL_DISKAUDIOFILE=" + sound.path()});
  ASSERT_TRUE(viewer->wait_event("stats", seconds(30), [](const auto& stats) {
    return stats["latency_ms"].value("p50", 0.0) > 0;
  })) << say(*viewer);
  const auto grab = screen.grab();
  ASSERT_TRUE(grab->reader->wait_pictures(12 * 50, seconds(60))) << grab->process->text();
  const auto pictures = grab->reader->pictures();
  const size_t stamped = static_cast<size_t>(
      std::count_if(pictures.begin(), pictures.end(), [](const auto& p) { return p.stamp; }));
  EXPECT_GE(stamped, pictures.size() * 9 / 10);
  const Latency latency = glass_to_glass(pictures);
  std::printf("window: capture to screen: %s\n", to_string(latency).c_str());

  // The grab sees a flash half of its interval late; what is written is heard two blocks later.
  constexpr int64_t kGrabDelay = 10'000;
  constexpr int64_t kSoundDelay = int64_t{2} * 512 * 1'000'000 / 48'000;
  std::vector<double> skews;
  const auto beeps = sound.beeps();
  for (const int64_t flash : flashes(pictures))
    for (const int64_t beep : beeps)
      if (std::llabs(beep - flash) < 400'000)
        skews.push_back(static_cast<double>(beep + kSoundDelay - (flash - kGrabDelay)) / 1e3);
  ASSERT_GE(skews.size(), 6u) << beeps.size() << " beeps";
  std::sort(skews.begin(), skews.end());
  std::printf("window: sound after picture: %zu beeps, ms least %.1f p50 %.1f most %.1f\n",
              skews.size(), skews.front(), skews[skews.size() / 2], skews.back());
  EXPECT_NEAR(skews[skews.size() / 2], 0, 40);
}

TEST_F(WindowTest, SaysWhatIsWrongAndThatItIsOver) {
  const auto source = go_live({});
  const auto viewer = watch_in_window(screen, source->invite);
  const auto stamped = [](const SeenPicture& p) { return p.stamp.has_value(); };
  const auto grab = screen.grab();
  const auto wait_for = [&](const auto& condition, int tries = 200) {
    for (; tries > 0; --tries) {
      const auto pictures = grab->reader->pictures();
      if (!pictures.empty() && condition(pictures.back())) return true;
      usleep(100'000);
    }
    return false;
  };
  ASSERT_TRUE(wait_for(stamped)) << say(*viewer);
  const auto middle_of = [](const SeenPicture& p) {
    // The band across the middle, left of the words: black only with them.
    return p.thumbnail.luma[Thumbnail::kWidth * (Thumbnail::kHeight / 2) + 1];
  };
  EXPECT_GT(middle_of(grab->reader->pictures().back()), 30);
  source->process->signal(SIGSTOP);
  EXPECT_TRUE(wait_for([&](const SeenPicture& p) { return middle_of(p) < 20; })) << "source lost";
  source->process->signal(SIGCONT);
  EXPECT_TRUE(wait_for([&](const SeenPicture& p) { return stamped(p) && middle_of(p) > 30; }));
  source->process->signal(SIGINT);
  ASSERT_TRUE(viewer->wait_event("ended", seconds(10))) << say(*viewer);
  // Nothing of the picture is left beside the words.
  EXPECT_TRUE(wait_for([](const SeenPicture& p) {
    const auto& luma = p.thumbnail.luma;
    return std::all_of(luma.begin(), luma.begin() + Thumbnail::kWidth * 10,
                       [](uint8_t v) { return v < 20; });
  }));
  const auto exit = viewer->wait_exit(seconds(15));
  ASSERT_TRUE(exit) << say(*viewer);
  EXPECT_EQ(exit->code, 0) << say(*viewer);
}

TEST_F(WindowTest, KeysEndIt) {
  const auto source = go_live({});
  for (const char* key : {"q", "Escape"}) {
    const auto viewer = watch_in_window(screen, source->invite);
    ASSERT_TRUE(viewer->wait_event("stats", seconds(30), [](const auto& stats) {
      return stats["latency_ms"].value("p50", 0.0) > 0;
    })) << say(*viewer);
    if (!screen.press("f") || !screen.press("m")) GTEST_SKIP() << "xdotool is not installed";
    ASSERT_TRUE(screen.press(key));
    const auto exit = viewer->wait_exit(seconds(10));
    ASSERT_TRUE(exit) << key << say(*viewer);
    EXPECT_EQ(exit->code, 0) << say(*viewer);
    EXPECT_EQ(exit->signal, 0) << say(*viewer);
  }
}

TEST_F(WindowTest, WithoutASoundCardItSaysSoAndShowsThePicture) {
  const auto source = go_live({});
  const auto viewer =
      watch_in_window(screen, source->invite,
                      {"SDL_AUDIODRIVER=no-such-driver", "ALSA_CONFIG_PATH=/dev/null",
                       "XDG_RUNTIME_DIR=/nonexistent", "PULSE_SERVER=/nonexistent"});
  EXPECT_TRUE(viewer->wait_event("notice", seconds(20), [](const auto& notice) {
    return notice.value("text", "").find("No sound card") == 0;
  })) << say(*viewer);
  EXPECT_TRUE(viewer->wait_event("stats", seconds(20), [](const auto& stats) {
    return stats["frames"].value("on_time", 0) > kFps;
  })) << say(*viewer);
}

// A sound server with a card that nobody hears, in a folder of its own.
class SoundServer {
 public:
  SoundServer() : folder_(testing::TempDir() + "swarmcast-pulse-" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_ + "/pulse");
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    process_ = Process::start(
        {.command = {"env", "HOME=" + folder_, "XDG_RUNTIME_DIR=" + folder_, "pulseaudio", "-n",
                     "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L",
                     "module-null-sink", "-L",
                     "module-native-protocol-unix socket=" + folder_ + "/pulse/native"}});
  }
  ~SoundServer() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }
  const std::string& folder() const { return folder_; }
  bool wait_until_there() const {
    for (int i = 0; i < 100 && process_ && !process_->wait_exit(milliseconds(50)); ++i)
      if (std::filesystem::exists(folder_ + "/pulse/native")) return true;
    return false;
  }
  void kill() { process_->signal(SIGKILL); }

 private:
  const std::string folder_;
  std::unique_ptr<Process> process_;
};

TEST_F(WindowTest, WithoutItsSoundServerItSaysSo) {
  SoundServer server;
  if (!server.wait_until_there()) GTEST_SKIP() << "pulseaudio is not installed";
  const auto source = go_live({});
  const auto viewer =
      watch_in_window(screen, source->invite, {"XDG_RUNTIME_DIR=" + server.folder()});
  ASSERT_TRUE(viewer->wait_event("stats", seconds(20), [](const auto& stats) {
    return stats["frames"].value("on_time", 0) > kFps;
  })) << say(*viewer);
  EXPECT_TRUE(viewer->events("notice").empty()) << say(*viewer);
  server.kill();
  EXPECT_TRUE(viewer->wait_event("notice", seconds(20), [](const auto& notice) {
    return notice.value("text", "").find("The sound card has gone") == 0;
  })) << say(*viewer);
  EXPECT_FALSE(viewer->wait_exit(milliseconds(500))) << say(*viewer);
}

TEST_F(WindowTest, WithoutAScreenItSaysSo) {
  const auto source = go_live({});
  for (const Words& screens : {Words{"DISPLAY=:98765"}, Words{"DISPLAY=", "WAYLAND_DISPLAY=/none"},
                               Words{"DISPLAY=", "SDL_VIDEODRIVER=wayland"}}) {
    Words words = {"env", "-u", "XDG_RUNTIME_DIR"};
    words.insert(words.end(), screens.begin(), screens.end());
    for (const std::string& word :
         {program("swarmcast"), std::string("watch"), source->invite, std::string("--json"),
          std::string("--listen"), std::string("127.0.0.1:0")})
      words.push_back(word);
    const auto viewer = Process::start({.command = words});
    const auto exit = viewer->wait_exit(seconds(20));
    ASSERT_TRUE(exit) << say(*viewer);
    EXPECT_EQ(exit->code, 6) << say(*viewer);
    EXPECT_NE(viewer->last_event("ended").value_or(Process::Json{}).dump().find("No window"),
              std::string::npos)
        << say(*viewer);
  }
}

}  // namespace
}  // namespace swarmcast::test
