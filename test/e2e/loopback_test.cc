// The main job on one machine: a picture in, the same picture out.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

TEST(LoopbackTest, OneHopOfTheTestPictureWithItsSound) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto viewer = watch({}, source->invite);
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(8 * kFps, seconds(20))) << say(*viewer->process);
  const auto pictures = viewer->reader->pictures();
  const Latency latency = glass_to_glass(pictures);
  std::printf("one hop, loopback: glass to glass: %s; first picture after %.0f ms\n",
              to_string(latency).c_str(),
              static_cast<double>(pictures[0].arrived_us - viewer->started_us) / 1e3);
  EXPECT_EQ(latency.count, pictures.size()) << "pictures without a readable stamp";
  EXPECT_LE(latency.p50, 160);  // 80 on an idle machine
  EXPECT_LE(latency.p95, 300);  // 150 on an idle machine
  std::set<uint64_t> stamps;
  int64_t last_pts = -1;
  for (const SeenPicture& picture : pictures) {
    EXPECT_EQ(picture.width, kWidth);
    EXPECT_EQ(picture.height, kHeight);
    EXPECT_GT(picture.pts_us, last_pts);
    EXPECT_TRUE(stamps.insert(picture.stamp.value_or(0)).second) << "a picture was shown twice";
    last_pts = picture.pts_us;
  }
  double loudest = 0;
  for (const SeenSound& sound : viewer->reader->sound()) loudest = std::max(loudest, sound.rms);
  EXPECT_GT(loudest, 0.01) << "no tone in " << viewer->reader->sound().size() << " packets";
  const auto stats = last_stats(*viewer->process);
  EXPECT_EQ(stats.value("hop", 0), 1) << stats;
  EXPECT_GE(on_time_share(stats), kFlowing) << stats;
}

TEST(LoopbackTest, TheCountsOfFramesAddUp) {
  const auto source = go_live({});
  const auto viewer = watch({}, source->invite);
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(4 * kFps, seconds(20))) << say(*viewer->process);
  const auto all = viewer->process->events("stats");
  ASSERT_GE(all.size(), 2u);
  int expected_before = 0;
  for (const auto& stats : all) {
    const auto& frames = stats["frames"];
    const int expected = frames["expected"];
    EXPECT_EQ(expected, frames["on_time"].get<int>() + frames["late"].get<int>() +
                            frames["missing"].get<int>() + frames["undecodable"].get<int>());
    EXPECT_GE(expected, expected_before);
    expected_before = expected;
  }
  EXPECT_GE(expected_before, 2 * kFps);
}

TEST(LoopbackTest, EveryPictureIsTheOneThatWentInTwoHopsAway) {
  const auto source = go_live({}, {}, Content::kScenes);
  ASSERT_NE(source->invite, "");
  const auto middle = relay({}, source->invite, {"--parent-only"});
  ASSERT_NE(middle->invite, "");
  const auto viewer = watch({}, middle->invite, {"--parent-only"});
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(6 * kFps, seconds(20))) << say(*viewer->process);
  const auto pictures = viewer->reader->pictures();
  double least = 99, sum = 0;
  for (const SeenPicture& picture : pictures) {
    const double likeness = source->scenes->likeness(picture);
    least = std::min(least, likeness);
    sum += likeness;
  }
  std::printf("two hops: PSNR of thumbnails least %.1f mean %.1f dB; glass to glass: %s\n", least,
              sum / static_cast<double>(pictures.size()),
              to_string(glass_to_glass(pictures)).c_str());
  EXPECT_GE(least, 28);  // neighbouring scenes are below 26
  EXPECT_EQ(last_stats(*viewer->process).value("hop", 0), 2) << say(*viewer->process);
}

TEST(LoopbackTest, ViewersRelayToOthers) {
  const auto source = go_live({}, {"--max-children", "1"});
  const auto first = watch({}, source->invite);
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->reader->wait_pictures(kFps, seconds(20))) << say(*first->process);
  const auto second = watch({}, source->invite);  // the source has no place left
  ASSERT_TRUE(second);
  ASSERT_TRUE(second->reader->wait_pictures(3 * kFps, seconds(20))) << say(*second->process);
  EXPECT_EQ(last_stats(*second->process).value("hop", 0), 2) << say(*second->process);
  EXPECT_EQ(last_stats(*source->process).value("children", 0), 1) << say(*source->process);
  EXPECT_EQ(last_stats(*first->process).value("children", 0), 1) << say(*first->process);
}

}  // namespace
}  // namespace swarmcast::test
