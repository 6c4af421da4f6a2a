// A relay in the middle of the tree dies without a word.
#include <gtest/gtest.h>
#include <signal.h>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

struct Tree {
  std::unique_ptr<Broadcast> source;
  std::unique_ptr<Relay> dying, other;
  std::vector<std::unique_ptr<Viewer>> viewers;
};

// Source with two places, taken by two relays; the viewers come in through one of these.
void build(Tree& tree, size_t viewers) {
  tree.source = go_live({}, {"--max-children", "2"});
  ASSERT_NE(tree.source->invite, "");
  tree.dying = relay({}, tree.source->invite);
  tree.other = relay({}, tree.source->invite);
  ASSERT_NE(tree.dying->invite, "");
  ASSERT_TRUE(tree.other->process->wait_event("stats", seconds(15), [](const auto& stats) {
    return stats.value("hop", 0) == 1;
  })) << say(*tree.other->process);
  for (size_t i = 0; i < viewers; ++i) {
    tree.viewers.push_back(watch({}, tree.dying->invite));
    ASSERT_TRUE(tree.viewers.back());
  }
  for (const auto& viewer : tree.viewers) {
    ASSERT_TRUE(viewer->reader->wait_pictures(5 * kFps, seconds(30))) << say(*viewer->process);
  }
}

TEST(RelayLossTest, ItsChildrensPicturesGoOn) {
  Tree tree;
  build(tree, 3);
  if (HasFatalFailure()) return;
  const int children = last_stats(*tree.dying->process).value("children", 0);
  ASSERT_GE(children, 1) << "the relay that is to die feeds nobody: " << say(*tree.dying->process);
  const int64_t killed_us = monotonic_us();
  tree.dying->process->signal(SIGKILL);
  for (const auto& viewer : tree.viewers) {
    const size_t before = viewer->reader->pictures().size();
    ASSERT_TRUE(viewer->reader->wait_pictures(before + 4 * kFps, seconds(30)))
        << say(*viewer->process);
    const auto pictures = viewer->reader->pictures();
    const int64_t gap =
        longest_gap_us(pictures, killed_us - 100'000, pictures.back().arrived_us) / 1'000;
    std::printf("relay killed: longest gap %ld ms\n", gap);
    EXPECT_LE(gap, 1'500) << say(*viewer->process);  // 500 on an idle machine
  }
}

TEST(RelayLossTest, ARelayThatLeavesInGoodOrderIsHardlyNoticed) {
  Tree tree;
  build(tree, 2);
  if (HasFatalFailure()) return;
  const int64_t left_us = monotonic_us();
  const auto exit = tree.dying->process->stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0) << say(*tree.dying->process);
  for (const auto& viewer : tree.viewers) {
    const size_t before = viewer->reader->pictures().size();
    ASSERT_TRUE(viewer->reader->wait_pictures(before + 3 * kFps, seconds(30)))
        << say(*viewer->process);
    const auto pictures = viewer->reader->pictures();
    const int64_t gap =
        longest_gap_us(pictures, left_us - 100'000, pictures.back().arrived_us) / 1'000;
    std::printf("relay left: longest gap %ld ms\n", gap);
    EXPECT_LE(gap, 1'000) << say(*viewer->process);
  }
}

}  // namespace
}  // namespace swarmcast::test
