// Source, relays one after the other, a viewer at the end.
#include <gtest/gtest.h>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

struct Chain {
  std::unique_ptr<Broadcast> source;
  std::vector<std::unique_ptr<Relay>> relays;
  std::unique_ptr<Viewer> viewer;
  ~Chain() {
    viewer.reset();
    relays.clear();
  }
};

// `places`: the source's, the relays', the viewer's.
void build(const std::vector<Place>& places, Chain& chain,
           std::vector<std::string> viewer_options = {}) {
  chain.source = go_live(places.front());
  std::string invite = chain.source->invite;
  for (size_t i = 1; i + 1 < places.size(); ++i) {
    ASSERT_NE(invite, "");
    chain.relays.push_back(relay(places[i], invite, {"--parent-only"}));
    invite = chain.relays.back()->invite;
  }
  ASSERT_NE(invite, "");
  viewer_options.push_back("--parent-only");
  chain.viewer = watch(places.back(), invite, viewer_options);
}

// Watches for a while; `hops` is the depth the viewer must have.
void expect_stream(Chain& chain, int hops, const char* title) {
  ASSERT_TRUE(chain.viewer);
  Process& node = *chain.viewer->process;
  // The rates count from the first picture; joining under loss settles in the first second.
  ASSERT_TRUE(chain.viewer->reader->wait_pictures(8 * kFps, seconds(40))) << say(node);
  auto pictures = chain.viewer->reader->pictures();
  pictures.erase(pictures.begin(), pictures.begin() + kFps);
  const Latency latency = glass_to_glass(pictures);
  const auto stats = last_stats(node);
  std::printf("%s: glass to glass: %s; on time %.2f%% of %d\n", title, to_string(latency).c_str(),
              100 * on_time_share(stats), stats["frames"].value("expected", 0));
  EXPECT_EQ(stats.value("hop", 0), hops) << say(node);
  EXPECT_LE(latency.p95, 1'000) << say(node);  // 500 on an idle machine
  EXPECT_GE(on_time_share(stats), kFlowing) << say(node);
}

TEST(ChainTest, SevenHopsOnLoopback) {
  Chain chain;
  build(std::vector<Place>(8), chain);
  expect_stream(chain, 7, "7 hops, loopback");
}

TEST(ChainTest, NobodyJoinsBelowTheSeventhHop) {
  Chain chain;
  build(std::vector<Place>(8), chain);
  ASSERT_TRUE(chain.viewer);
  ASSERT_TRUE(chain.viewer->reader->wait_pictures(kFps, seconds(30)));
  const std::string invite = invite_of(*chain.viewer->process);
  ASSERT_NE(invite, "");
  const auto eighth = start_node({}, {"watch", invite}, {"--parent-only"});
  ASSERT_TRUE(eighth);
  const auto exit = eighth->wait_exit(seconds(30));
  ASSERT_TRUE(exit) << say(*eighth);
  EXPECT_EQ(exit->code, 8) << say(*eighth);
}

TEST(ChainTest, SevenHopsOfTwentyMillisecondsAndOnePercentEach) {
  std::string why;
  const auto wan = Wan::create(8, &why, /*seed=*/11);
  if (!wan) GTEST_SKIP() << why;
  ASSERT_TRUE(wan->every_link("delay=20ms loss=1%"));
  std::vector<Place> places;
  for (size_t i = 0; i < 8; ++i) places.push_back(place(*wan, i));
  Chain chain;
  build(places, chain, {"--playout", "450"});
  expect_stream(chain, 7, "7 hops, 20 ms one way and 1 % loss each");
  std::printf("  emulator: %s\n", wan->stats()["lateness"].dump().c_str());
}

}  // namespace
}  // namespace swarmcast::test
