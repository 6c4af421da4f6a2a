#include "tools/wan/command.h"

#include <gtest/gtest.h>

namespace swarmcast::wan {
namespace {

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    hooks_.make_interface = [this](size_t host) -> std::optional<std::string> {
      made_.push_back(host);
      return std::nullopt;
    };
    hooks_.print_stats = [this](bool with_paths) { ++(with_paths ? stats_ : stats_of_hosts_); };
    EXPECT_EQ(run("host a 10.77.1.1"), std::nullopt);
    EXPECT_EQ(run("host b 10.77.2.1"), std::nullopt);
    EXPECT_EQ(run("host c 10.77.3.1"), std::nullopt);
  }
  std::optional<std::string> run(const std::string& line) {
    return run_command(network_, Instant::from_ms(1'000), line, hooks_);
  }
  Network network_{1};
  CommandHooks hooks_;
  std::vector<size_t> made_;
  int stats_ = 0, stats_of_hosts_ = 0;
};

TEST_F(CommandTest, HostsGetTheirInterfaces) {
  EXPECT_EQ(made_, (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(network_.hosts()[1].address, 0x0a4d0201u);
}

TEST_F(CommandTest, PathSetsOneDirectionLinkBoth) {
  EXPECT_EQ(run("path a b delay=20ms jitter=500us loss=10% burst=4 rate=5mbit queue=50ms"),
            std::nullopt);
  Path& path = network_.path(0, 1);
  EXPECT_EQ(path.delay, Duration::millis(20));
  EXPECT_EQ(path.jitter, Duration::micros(500));
  EXPECT_EQ(path.loss.mean(), 0.1);
  EXPECT_EQ(path.loss.burst(), 4);
  EXPECT_EQ(path.bottleneck.rate, DataRate::kbps(5'000));
  EXPECT_EQ(path.bottleneck.queue, Duration::millis(50));
  EXPECT_EQ(network_.path(1, 0).delay, Duration());
  EXPECT_EQ(run("link b c delay=1s"), std::nullopt);
  EXPECT_EQ(network_.path(1, 2).delay, Duration::seconds(1));
  EXPECT_EQ(network_.path(2, 1).delay, Duration::seconds(1));
}

TEST_F(CommandTest, AStarIsEveryHost) {
  EXPECT_EQ(run("path * c reorder=3ms"), std::nullopt);
  EXPECT_EQ(network_.path(0, 2).reorder, Duration::millis(3));
  EXPECT_EQ(network_.path(1, 2).reorder, Duration::millis(3));
  EXPECT_EQ(network_.path(2, 0).reorder, Duration());
}

TEST_F(CommandTest, CutAndLossWorkBothWays) {
  EXPECT_EQ(run("cut a b on"), std::nullopt);
  EXPECT_TRUE(network_.path(0, 1).cut_until.is_never());
  EXPECT_TRUE(network_.path(1, 0).cut_until.is_never());
  EXPECT_EQ(run("cut a b off"), std::nullopt);
  EXPECT_EQ(network_.path(0, 1).cut_until, Instant());
  EXPECT_EQ(run("cut a b 250ms"), std::nullopt);
  EXPECT_EQ(network_.path(1, 0).cut_until, Instant::from_ms(1'250));
  EXPECT_EQ(run("loss a b 0.2 5"), std::nullopt);
  EXPECT_EQ(network_.path(1, 0).loss.mean(), 0.2);
  EXPECT_EQ(network_.path(1, 0).loss.burst(), 5);
}

TEST_F(CommandTest, AccessRatesAndStats) {
  EXPECT_EQ(run("uplink a rate=800kbit queue=20ms"), std::nullopt);
  EXPECT_EQ(run("downlink * rate=2mbit"), std::nullopt);
  EXPECT_EQ(network_.host(0).uplink.rate, DataRate::kbps(800));
  EXPECT_EQ(network_.host(0).uplink.queue, Duration::millis(20));
  EXPECT_EQ(network_.host(2).downlink.rate, DataRate::kbps(2'000));
  EXPECT_EQ(run("stats"), std::nullopt);
  EXPECT_EQ(run("stats hosts"), std::nullopt);
  EXPECT_NE(run("stats paths"), std::nullopt);
  EXPECT_EQ(stats_, 1);
  EXPECT_EQ(stats_of_hosts_, 1);
}

TEST_F(CommandTest, SitesFirewallsAndForwardedPorts) {
  EXPECT_EQ(run("site a b"), std::nullopt);
  EXPECT_EQ(run("site c b"), std::nullopt);
  EXPECT_EQ(network_.host(1).site, network_.host(2).site);
  EXPECT_EQ(run("link a * udp=off"), std::nullopt);
  EXPECT_FALSE(network_.path(2, 0).udp);
  EXPECT_TRUE(network_.path(2, 1).udp);
  EXPECT_EQ(run("path a b udp=on"), std::nullopt);
  EXPECT_TRUE(network_.path(0, 1).udp);
  EXPECT_EQ(run("nat a 198.51.100.1 cone"), std::nullopt);
  EXPECT_EQ(run("forward a 8080"), std::nullopt);
}

TEST_F(CommandTest, SkipsCommentsAndSaysWhatIsWrong) {
  EXPECT_EQ(run(""), std::nullopt);
  EXPECT_EQ(run("  # delay"), std::nullopt);
  for (const char* line : {"nonsense",
                           "host",
                           "host d",
                           "host d 10.77.1",
                           "host a 10.77.9.1",
                           "host * 10.77.9.1",
                           "path a",
                           "path a b",
                           "path a x delay=1ms",
                           "path a b delay",
                           "path a b delay=1",
                           "path a b delay=-1ms",
                           "path a b delay=1h",
                           "path a b delay=90s",
                           "path a b loss=2",
                           "path a b loss=nan",
                           "path a b burst=x",
                           "path a b colour=red",
                           "path a b rate=5",
                           "path a b rate=1e99mbit",
                           "uplink a delay=1ms",
                           "uplink x rate=1mbit",
                           "path a b udp=maybe",
                           "forward a 8080",
                           "site a",
                           "site a x",
                           "cut a b",
                           "cut a b maybe",
                           "loss a b",
                           "loss a b 1.5",
                           "loss a b 0.9 2",
                           "loss a b 0.1 x"}) {
    EXPECT_NE(run(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace swarmcast::wan
