// A broadcaster's uplink becomes too narrow for any picture, and wide again.
#include <gtest/gtest.h>

#include <algorithm>

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
