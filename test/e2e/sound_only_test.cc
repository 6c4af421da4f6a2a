// A broadcaster's uplink becomes too narrow for any picture, and wide again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

constexpr char kWide[] = "uplink h0 rate=5mbit queue=200ms";
constexpr char kSoundFitsOnly[] = "uplink h0 rate=180kbit";

template <typename Seen>
size_t count_between(const std::vector<Seen>& seen, int64_t from_us, int64_t to_us) {
  return static_cast<size_t>(std::ranges::count_if(
      seen, [=](const Seen& s) { return s.arrived_us >= from_us && s.arrived_us < to_us; }));
}

// Seconds of sound that were played between two moments.
double sound_between(const NutReader& reader, int64_t from_us, int64_t to_us) {
  double samples = 0;
  for (const SeenSound& s : reader.sound())
    if (s.arrived_us >= from_us && s.arrived_us < to_us) samples += s.samples;
  return samples / 48'000;
}

bool wait_notice(Process& node, const std::string& text, milliseconds timeout) {
  return node
      .wait_event("notice", timeout,
                  [&](const auto& notice) { return notice.value("text", "").starts_with(text); })
      .has_value();
}

// A minute of a tone as a file, for as long as this lives.
class ToneFile {
 public:
  ToneFile() : path_(testing::TempDir() + "swarmcast-tone-" + std::to_string(getpid()) + ".au") {
    constexpr uint32_t kRate = 48'000, kSamples = 60 * kRate;
    std::ofstream file(path_, std::ios::binary);
    const auto write = [&](uint32_t value, int bytes) {
      while (bytes-- > 0) file.put(static_cast<char>(value >> (8 * bytes)));
    };
    file << ".snd";
    for (const uint32_t field : {24u, 2 * kSamples, /* 16-bit PCM */ 3u, kRate, 1u})
      write(field, 4);
    for (uint32_t i = 0; i < kSamples; ++i) {
      const double wave = std::sin(2 * std::numbers::pi * 440 * i / kRate);
      write(static_cast<uint32_t>(std::lround(8'000 * wave)), 2);
    }
  }
  ~ToneFile() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The delay was half a second once, whatever the network.
TEST(SoundOnlyTest, ABroadcastOfSoundIsHeardAsSoonAsTheNetworkAllows) {
  std::string why;
  const auto wan = Wan::create(2, &why);
  if (!wan) GTEST_SKIP() << why;
  ASSERT_TRUE(wan->link(0, 1, "delay=30ms loss=2%"));
  const ToneFile tone;
  const auto source = start_node(place(*wan, 0), {"broadcast", "--input", tone.path()});
  const std::string invite = invite_of(*source);
  ASSERT_NE(invite, "") << say(*source);
  const auto viewer = watch(place(*wan, 1), invite);
  ASSERT_TRUE(viewer);
  for (int i = 0; i < 100 && viewer->reader->sound().size() < 50; ++i) usleep(100'000);
  const int64_t from = monotonic_us();
  std::this_thread::sleep_for(seconds(12));
  const int64_t to = monotonic_us();
  const double span = static_cast<double>(to - from) / 1e6;
  const double heard = sound_between(*viewer->reader, from, to);
  const nlohmann::json stats = last_stats(*viewer->process);
  std::printf("sound alone, 30 ms one way, 2 %% loss: playout %.0f ms; %.2f s heard in %.2f s\n",
              stats.value("playout_ms", 0.0), heard, span);
  EXPECT_LE(stats.value("playout_ms", 1e9), 250) << say(*viewer->process);
  EXPECT_GE(heard, 0.95 * span) << say(*viewer->process);
}

TEST(SoundOnlyTest, ThePictureGivesWayToTheSoundAndComesBack) {
  std::string why;
  const auto wan = Wan::create(2, &why);
  if (!wan) GTEST_SKIP() << why;
  ASSERT_TRUE(wan->link(0, 1, "delay=20ms") && wan->command(kWide));
  const auto source = go_live(place(*wan, 0), {"--bitrate", "1000"});
  ASSERT_NE(source->invite, "");
  const auto viewer = watch(place(*wan, 1), source->invite, {"--playout", "300"});
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(3 * kFps, seconds(20))) << say(*viewer->process);

  ASSERT_TRUE(wan->command(kSoundFitsOnly));
  ASSERT_TRUE(wait_notice(*viewer->process, "Sound only", seconds(15))) << say(*viewer->process);
  // How long it stays so: nothing to wait for but the time itself.
  const int64_t from = monotonic_us();
  std::this_thread::sleep_for(seconds(8));
  const int64_t to = monotonic_us();
  const double span = static_cast<double>(to - from) / 1e6;
  const double heard = sound_between(*viewer->reader, from, to);
  const size_t seen = count_between(viewer->reader->pictures(), from, to);
  std::printf("180 kbit/s: %.1f s of sound and %zu pictures in %.1f s\n", heard, seen, span);
  EXPECT_GE(heard, 0.9 * span) << say(*viewer->process);
  EXPECT_LE(seen, 0.1 * span * kFps) << "the picture should have given way";

  ASSERT_TRUE(wan->command(kWide));
  const int64_t wide = monotonic_us();
  ASSERT_TRUE(wait_notice(*viewer->process, "The picture is back", seconds(20)))
      << say(*viewer->process);
  const auto before = viewer->reader->pictures().size();
  ASSERT_TRUE(viewer->reader->wait_pictures(before + 3 * kFps, seconds(15)))
      << say(*viewer->process);
  const auto pictures = viewer->reader->pictures();
  const auto first =
      std::ranges::find_if(pictures, [=](const SeenPicture& p) { return p.arrived_us >= wide; });
  ASSERT_NE(first, pictures.end());
  std::printf("5 Mbit/s again: a picture after %.1f s; %s\n",
              static_cast<double>(first->arrived_us - wide) / 1e6,
              to_string(glass_to_glass({pictures.end() - 2 * kFps, pictures.end()})).c_str());
}

}  // namespace
}  // namespace swarmcast::test
