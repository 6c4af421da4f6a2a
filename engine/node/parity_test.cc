// How much parity the source adds where the viewers' playout delay leaves time for NAKs.
#include <gtest/gtest.h>

#include <map>

#include "engine/chunk/fragmenter.h"
#include "engine/node/world_for_test.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"

namespace swarmcast::node {
namespace {

constexpr size_t kParityFrame = 8'000;  // 20 a second; key frames are four times as large
constexpr Duration kFar = Duration::millis(100);
constexpr double kLossy = 0.05;

// Source, relay, viewer, each a tenth of a second from the next: in the 300 ms that are assumed
// where nothing is known no repair of the second hop is in time, in what the viewer chooses it is.
struct LongChain {
  explicit LongChain(StreamDescription stream) {
    w.default_link = {.one_way = kFar, .loss = kLossy};
    source = w.add_source({.max_places = 1 * kStripes, .stream = stream});
    relay = w.add_peer(source, {.max_places = 1 * kStripes});
    w.run_for(Duration::seconds(3));
    viewer = w.add_peer(relay);
    w.run_for(Duration::seconds(3));
    w.publish_every(source, Duration::millis(50), kParityFrame);
    w.run_for(Duration::seconds(10));
  }

  // Parity over data, as sent first by the source in so many seconds.
  double parity_share(Duration watched) {
    uint64_t data = 0, parity = 0;
    const auto count = [&](size_t from, size_t, const std::vector<uint8_t>& m) {
      if (from != source || m[0] != wire::kFragmentType || m[1] & wire::kHopRepairFlag) return true;
      const auto id = wire::id_of_fragment(m);
      const bool key = id->frame.number.value() % 40 == 0;
      const size_t sealed = (key ? kParityFrame * 4 : kParityFrame) + kAeadTagSize;
      const auto k = chunk::source_fragments(static_cast<uint32_t>(sealed), 0);
      ++(id->index < *k ? data : parity);
      return true;
    };
    w.tap = count;
    w.run_for(watched);
    w.tap = {};
    return static_cast<double>(parity) / static_cast<double>(data);
  }

  // Fragments a node sent to the next one, repairs apart, in so many seconds.
  std::map<size_t, uint64_t> sent(Duration watched) {
    std::map<size_t, uint64_t> count;
    w.tap = [&](size_t from, size_t, const std::vector<uint8_t>& m) {
      count[from] += m[0] == wire::kFragmentType && !(m[1] & wire::kHopRepairFlag);
      return true;
    };
    w.run_for(watched);
    w.tap = {};
    return count;
  }

  World w{1};
  size_t source = 0, relay = 0, viewer = 0;
};

TEST(Parity, IsLittleWhereViewersChooseToWaitForRepairs) {
  LongChain chain({});
  ASSERT_EQ(chain.w.engine(chain.viewer).stats(chain.w.now()).hop, 2);
  EXPECT_LT(chain.parity_share(Duration::seconds(10)), 0.15);
  const FrameCounts f = chain.w.engine(chain.viewer).stats(chain.w.now()).frames;
  EXPECT_GT(f.on_time * 100, f.expected * 95);
}

// The stream's own delay leaves no time, whatever viewers say.
TEST(Parity, IsMuchWhereTheStreamDoesNotWait) {
  LongChain chain({.playout = Duration::millis(300)});
  EXPECT_GT(chain.parity_share(Duration::seconds(10)), 0.25);
}

// A relay makes itself what it lost and not what is about to come, and passes on all there is.
TEST(Parity, IsRestoredByRelaysWhereItWasLost) {
  LongChain chain({.playout = Duration::millis(300)});
  const auto bytes = [&] { return chain.w.engine(chain.relay).stats(chain.w.now()).bytes; };
  const auto before = bytes();
  auto sent = chain.sent(Duration::seconds(10));
  EXPECT_NEAR(static_cast<double>(sent[chain.relay]) / static_cast<double>(sent[chain.source]), 1,
              0.01);
  EXPECT_LT((bytes().media_again - before.media_again) * 100,
            (bytes().media_in - before.media_in) * 5);
}

}  // namespace
}  // namespace swarmcast::node
