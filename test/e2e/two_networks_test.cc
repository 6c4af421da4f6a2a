// A broadcaster on two networks: both carry the stream, and one failing costs no picture.
#include <gtest/gtest.h>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

// Beside the emulated network `wan0`, the two hosts share the cable `side0`, 10.78.0.1 and .2. The
// broadcaster's default routes lead over both; to the viewer's address on the cable its table names
// the other network, so that only those who answer over the interface they were asked on get there.
class TwoNetworksTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    wan_ = Wan::create(2, &why, /*seed=*/9);
    if (!wan_) GTEST_SKIP() << why;
    ASSERT_TRUE(wan_->link(0, 1, "delay=10ms"));
    ip(0, {"link", "add", "side0", "type", "veth", "peer", "name", "side0", "netns",
           wan_->network_namespace(1)});
    for (const size_t host : {0, 1}) {
      const std::string address = "10.78.0." + std::to_string(host + 1);
      ip(host, {"address", "add", address + "/24", "dev", "side0"});
      ip(host, {"link", "set", "side0", "up"});
    }
    ip(0, {"route", "add", "default", "via", "10.78.0.2", "dev", "side0", "metric", "200"});
    ip(0, {"route", "add", "10.78.0.2/32", "dev", "wan0"});
  }
  void ip(size_t host, Words words) {
    words.insert(words.begin(), "ip");
    const auto process =
        Process::start({.command = words, .network_namespace = wan_->network_namespace(host)});
    ASSERT_TRUE(process);
    const auto exit = process->wait_exit(seconds(10));
    ASSERT_TRUE(exit && exit->code == 0) << process->text();
  }
  uint64_t sent_over(const std::string& interface) {
    InterfaceCounters out;
    inside_namespace(wan_->network_namespace(0), [&] { out = read_counters(interface); });
    return out.sent_bytes;
  }
  std::unique_ptr<Wan> wan_;
};

TEST_F(TwoNetworksTest, BothCarryTheStreamAndOneIsEnough) {
  Place here = place(*wan_, 0);
  const std::string entry = here.address;
  here.address = "0.0.0.0";
  const auto source = go_live(here, {"--host", entry});
  ASSERT_NE(source->invite, "");
  Place there = place(*wan_, 1);
  there.address = "0.0.0.0";
  const auto viewer = watch(there, source->invite, {"--playout", "400"});
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(3 * kFps, seconds(20))) << say(*viewer->process);

  const uint64_t first = sent_over("wan0"), second = sent_over("side0");
  const size_t before = viewer->reader->pictures().size();
  ASSERT_TRUE(viewer->reader->wait_pictures(before + 5 * kFps, seconds(20)));
  const double over_first = static_cast<double>(sent_over("wan0") - first);
  const double over_second = static_cast<double>(sent_over("side0") - second);
  std::printf("two networks: %.0f kB over the first, %.0f kB over the second\n", over_first / 1e3,
              over_second / 1e3);
  // Half each on an idle machine; on a busy one, the cable's replies come sooner by so much that
  // the other network rests.
  EXPECT_GT(over_first + over_second, 200e3);
  EXPECT_LT(over_first + over_second, 2e6);
  EXPECT_GT(over_second, 0.05 * (over_first + over_second));

  ASSERT_TRUE(wan_->cut(0, 1));
  const int64_t cut_us = monotonic_us();
  const size_t at_cut = viewer->reader->pictures().size();
  ASSERT_TRUE(viewer->reader->wait_pictures(at_cut + 8 * kFps, seconds(30)))
      << say(*viewer->process);
  const auto pictures = viewer->reader->pictures();
  const int64_t gap = longest_gap_us(pictures, cut_us, pictures.back().arrived_us);
  std::printf("  the first network cut: longest gap %.0f ms\n", static_cast<double>(gap) / 1e3);
  EXPECT_LT(gap, 2'500'000);  // sooner than a lost parent would be noticed for good
  const auto stats = last_stats(*viewer->process);
  EXPECT_EQ(stats.value("parents", 0), 1) << stats.dump();
  EXPECT_EQ(stats.value("hop", 0), 1) << stats.dump();
}

}  // namespace
}  // namespace swarmcast::test
