// Whole nodes behind address translators, and where no UDP gets through: they join, and get the
// stream from each other.
#include <gtest/gtest.h>

#include "rendezvous_codec/invite.h"
#include "test/e2e/nodes.h"
#include "test/support/coturn.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

constexpr uint16_t kServerPort = 3478;

// Hosts 0 and up are nodes, the last one is a STUN and TURN server.
class BehindNatsTest : public testing::Test {
 protected:
  void set_up(size_t nodes, const std::string& links = "delay=20ms") {
    std::string why;
    wan_ = Wan::create(nodes + 1, &why, /*seed=*/31);
    if (!wan_) GTEST_SKIP() << why;
    server_ = nodes;
    coturn_ =
        Coturn::start(wan_->address(server_), kServerPort, &why, wan_->network_namespace(server_));
    if (!coturn_) GTEST_SKIP() << why;
    ASSERT_TRUE(wan_->every_link(links));
  }
  static std::string outside(size_t host) { return "198.51.100." + std::to_string(host + 1); }
  void nat(size_t host, const std::string& kind) {
    ASSERT_TRUE(wan_->command("nat h" + std::to_string(host) + " " + outside(host) + " " + kind));
  }
  // Nothing but TCP goes in or out there.
  void block_udp(size_t host) {
    ASSERT_TRUE(wan_->command("link h" + std::to_string(host) + " * udp=off"));
  }
  Place everywhere(size_t host) const {
    return {.network_namespace = wan_->network_namespace(host), .address = "0.0.0.0"};
  }
  Words stun() const { return {"--stun", server()}; }
  Words turn(bool tcp = false) const {
    return {"--turn", std::string("turn:") + Coturn::kUser + ":" + Coturn::kPassword + "@" +
                          server() + (tcp ? "?transport=tcp" : "")};
  }
  std::string server() const { return wan_->address(server_) + ":" + std::to_string(kServerPort); }
  // Packets that went from one host straight to another.
  uint64_t packets_between(size_t a, size_t b) {
    const nlohmann::json stats = wan_->stats();
    uint64_t n = 0;
    for (const auto& path : {Wan::path_stats(stats, a, b), Wan::path_stats(stats, b, a)})
      if (path.is_object()) n += path.value("packets_in", 0);
    return n;
  }

  std::unique_ptr<Wan> wan_;
  std::unique_ptr<Coturn> coturn_;
  size_t server_ = 0;
};

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// So many seconds of them; prints how long the first took, and how old the last were.
void expect_pictures(Viewer& viewer, const char* what, size_t seconds_of_them = 1) {
  const size_t wanted = seconds_of_them * kFps;
  ASSERT_TRUE(viewer.reader->wait_pictures(wanted, seconds(30))) << what << say(*viewer.process);
  const auto pictures = viewer.reader->pictures();
  const std::vector<SeenPicture> last(pictures.end() - kFps, pictures.end());
  std::printf("%s: first picture after %.0f ms; glass to glass: %s\n", what,
              static_cast<double>(pictures.front().arrived_us - viewer.started_us) / 1e3,
              to_string(glass_to_glass(last)).c_str());
}

void expect_hop(Process& node, int hop) {
  const auto there = [hop](const nlohmann::json& stats) { return stats.value("hop", 0) == hop; };
  EXPECT_TRUE(node.wait_event("stats", seconds(5), there)) << say(node);
}

// How the link to the parent goes: "direct", "nat", "relayed"; empty without one.
std::string path_to_parent(Process& node) {
  std::string path;
  for (const auto& link : node.events("link")) {
    if (link.value("direction", "") == "parent" && link.value("state", "") == "up")
      path = link.value("path", "");
  }
  return path;
}

// A source with one place, a viewer that takes it, and one that gets the stream from that viewer.
class InARowTest : public BehindNatsTest {
 protected:
  // At host 1 with the options `first`, then at host 2 with `second`, neither of which is dialled.
  void watch_in_a_row(const char* what, const Words& first, const Words& second) {
    source_ = go_live(place(*wan_, 0), {"--max-children", "1"});
    ASSERT_NE(source_->invite, "");
    first_ = watch(everywhere(1), source_->invite, first);
    ASSERT_TRUE(first_);
    expect_pictures(*first_, what);
    second_ = watch(everywhere(2), source_->invite, second);
    ASSERT_TRUE(second_);
    expect_pictures(*second_, (std::string(what) + ", at second hand").c_str(), 3);
    expect_hop(*second_->process, 2);
  }
  std::unique_ptr<Broadcast> source_;
  std::unique_ptr<Viewer> first_, second_;
};

TEST_F(InARowTest, OneViewerBehindANatFeedsAnother) {
  set_up(3);
  if (IsSkipped()) return;
  nat(1, "cone");
  nat(2, "cone");
  ASSERT_NO_FATAL_FAILURE(watch_in_a_row("behind a NAT", stun(), stun()));
  EXPECT_EQ(path_to_parent(*second_->process), "nat");
  EXPECT_GE(on_time_share(last_stats(*second_->process)), 0.95) << say(*second_->process);
}

TEST_F(InARowTest, TwoSymmetricNatsAreCrossedByTheTurnServer) {
  set_up(3);
  if (IsSkipped()) return;
  nat(1, "symmetric");
  nat(2, "symmetric");
  ASSERT_NO_FATAL_FAILURE(
      watch_in_a_row("behind a symmetric NAT", stun() + turn(), stun() + turn()));
  EXPECT_EQ(path_to_parent(*second_->process), "relayed");
}

TEST_F(InARowTest, RelayOnlyShowsNobodyTheHost) {
  set_up(3);
  if (IsSkipped()) return;
  ASSERT_NO_FATAL_FAILURE(watch_in_a_row("relay-only", Words{"--relay-only"} + turn(), turn()));
  EXPECT_EQ(path_to_parent(*second_->process), "relayed");
  EXPECT_EQ(packets_between(1, 2), 0u);
}

// The port forwarded is the web server's: signals come in, and ICE makes the way for the media.
TEST_F(BehindNatsTest, ASourceThatNobodyCanDialIsReachedThroughItsGateway) {
  set_up(2);
  if (IsSkipped()) return;
  nat(0, "cone");
  nat(1, "cone");
  ASSERT_TRUE(wan_->command("forward h0 40000"));
  Place here = everywhere(0);
  here.port = 40'000;
  const auto source = go_live(here, Words{"--host", outside(0)} + stun());
  ASSERT_NE(source->invite, "");
  const auto viewer = watch(everywhere(1), source->invite, stun());
  ASSERT_TRUE(viewer);
  expect_pictures(*viewer, "source behind a NAT, through its gateway", 3);
  EXPECT_EQ(path_to_parent(*viewer->process), "nat");
}

// A relay that is reachable stands beside the source.
TEST_F(BehindNatsTest, ASourceThatNobodyCanDialIsReachedThroughARelay) {
  set_up(4);
  if (IsSkipped()) return;
  nat(0, "cone");
  nat(2, "cone");
  ASSERT_TRUE(wan_->command("site h0 h1"));
  const auto source = go_live(everywhere(0), stun());
  ASSERT_NE(source->invite, "");
  const auto entry = relay(place(*wan_, 1), source->invite, Words{"--max-children", "1"} + stun());
  ASSERT_NE(entry->invite, "");
  const auto first = watch(everywhere(2), entry->invite, stun());
  ASSERT_TRUE(first);
  expect_pictures(*first, "through a relay");
  expect_hop(*first->process, 2);
  const auto second = watch(everywhere(3), entry->invite, stun());
  ASSERT_TRUE(second);
  expect_pictures(*second, "past a full relay", 3);
  EXPECT_EQ(path_to_parent(*second->process), "nat");
  // Signals through the relay have led to the source itself, too.
  const auto through_nat = [](const nlohmann::json& link) {
    return link.value("path", "") == "nat" && link.value("state", "") == "up";
  };
  EXPECT_TRUE(source->process->wait_event("link", seconds(10), through_nat));
}

// A source and a viewer at hosts that no UDP gets to.
class WithoutUdpTest : public BehindNatsTest {
 protected:
  void watch_over_tcp(const char* what, size_t seconds_of_pictures, const std::string& links) {
    set_up(2, links);
    if (IsSkipped()) return;
    block_udp(0);
    block_udp(1);
    source_ = go_live(place(*wan_, 0), turn(true));
    ASSERT_NE(source_->invite, "");
    viewer_ = watch(place(*wan_, 1), source_->invite, turn(true));
    ASSERT_TRUE(viewer_);
    expect_pictures(*viewer_, what, seconds_of_pictures);
  }
  std::unique_ptr<Broadcast> source_;
  std::unique_ptr<Viewer> viewer_;
};

TEST_F(WithoutUdpTest, TheMediaGoesOverTurnAndTcp) {
  watch_over_tcp("without UDP, over TURN and TCP", 4, "delay=20ms");
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(path_to_parent(*viewer_->process), "relayed");
}

// 280 ms each way, as over a satellite: what is set up slowly is not given up half-way.
TEST_F(WithoutUdpTest, AVerySlowRelayedPathComesAbout) {
  watch_over_tcp("without UDP, 280 ms each way", 2, "delay=140ms");
}

}  // namespace
}  // namespace swarmcast::test
