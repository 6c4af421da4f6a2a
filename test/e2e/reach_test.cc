// Viewers that nobody is told to dial: the others reach them by signals through the mesh.
#include <gtest/gtest.h>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

// The source has one place; the second viewer has to get the stream from the first, which can only
// be called.
void expect_second_viewer_below_the_first(const std::vector<Place>& places) {
  const auto source = go_live(places[0], {"--max-children", "1"});
  ASSERT_NE(source->invite, "");
  const auto first = watch(places[1], source->invite, {"--no-listen"});
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->reader->wait_pictures(3 * kFps, seconds(20))) << say(*first->process);
  const auto second = watch(places[2], source->invite, {"--no-listen"});
  ASSERT_TRUE(second);
  ASSERT_TRUE(second->reader->wait_pictures(6 * kFps, seconds(20))) << say(*second->process);
  const auto pictures = second->reader->pictures();
  std::printf("first picture %.0f ms after the start; glass to glass: %s\n",
              static_cast<double>(pictures.front().arrived_us - second->started_us) / 1e3,
              to_string(glass_to_glass(pictures)).c_str());
  EXPECT_EQ(last_stats(*first->process).value("hop", 0), 1) << say(*first->process);
  EXPECT_EQ(last_stats(*second->process).value("hop", 0), 2) << say(*second->process);
  EXPECT_GE(on_time_share(last_stats(*second->process)), kFlowing) << say(*second->process);
}

TEST(ReachTest, AViewerNobodyIsToldToDialBecomesAParent) {
  expect_second_viewer_below_the_first(std::vector<Place>(3));
}

TEST(ReachTest, TheSameOverAWideNetwork) {
  std::string why;
  const auto wan = Wan::create(3, &why, /*seed=*/21);
  if (!wan) GTEST_SKIP() << why;
  ASSERT_TRUE(wan->every_link("delay=20ms loss=1%"));
  expect_second_viewer_below_the_first({place(*wan, 0), place(*wan, 1), place(*wan, 2)});
}

}  // namespace
}  // namespace swarmcast::test
