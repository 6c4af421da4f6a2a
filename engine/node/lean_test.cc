// Most fragments of a frame travel without what proves it; here that is lost, late or made up.
#include <gtest/gtest.h>

#include <map>

#include "engine/node/world_for_test.h"
#include "engine/repair/fragment_hold.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"

namespace swarmcast::node {
namespace {

constexpr size_t kLeanFrame = 8'000;  // 20 a second; key frames are four times as large
constexpr Duration kPlayout = Duration::millis(300);

using Message = std::vector<uint8_t>;

bool is_media(const Message& m) { return m[0] == wire::kFragmentType; }

FragmentId id_of(const Message& m) { return *wire::id_of_fragment(m); }

bool is_repair(const Message& m) { return m[1] & wire::kHopRepairFlag; }

struct Lean : ::testing::Test {
  World w{1};
  size_t source = w.add_source({.stream = {.playout = kPlayout}}), relay = 0, viewer = 0;

  void start() {
    relay = w.add_peer(source, {.max_places = 1 * kStripes});
    viewer = w.add_peer(source);
    w.run_for(Duration::seconds(1));
    w.publish_every(source, Duration::millis(50), kLeanFrame);
    w.run_for(Duration::seconds(3) + kPlayout);
  }
  uint64_t shown_on_time(size_t i) { return w.engine(i).stats(w.now()).frames.on_time; }
  void expect_all_on_time(size_t i) {
    const FrameCounts f = w.engine(i).stats(w.now()).frames;
    EXPECT_GT(f.expected, 50u);
    EXPECT_EQ(f.on_time, f.expected);
    for (const auto& s : w.node(i).shown) {
      const size_t size = s.id.number.value() % 40 == 0 ? kLeanFrame * 4 : kLeanFrame;
      ASSERT_EQ(s.payload, World::content(s.id.number, size));
    }
  }
};

TEST_F(Lean, TwoFragmentsOfAFrameProveItOnEachLink) {
  struct Count {
    int whole = 0, lean = 0;
  };
  constexpr uint32_t kLast = 55;  // those after it may be on their way
  std::map<std::pair<size_t, FrameId>, Count> counts;
  w.tap = [&](size_t, size_t to, Message& m) {
    if (!is_media(m) || id_of(m).frame.number.value() > kLast) return true;
    Count& c = counts[{to, id_of(m).frame}];
    ++(wire::is_lean_fragment(m) ? c.lean : c.whole);
    return true;
  };
  start();
  EXPECT_EQ(counts.size(), 2 * (kLast + 1));
  for (const auto& [where, c] : counts) {
    EXPECT_EQ(c.whole, 2) << where.second.number.value();
    EXPECT_GE(c.lean, 6);
  }
  expect_all_on_time(relay);
  expect_all_on_time(viewer);
}

// Of every third frame, what proves it is lost on the way from the source: the rest waits for the
// repairs, and is not asked for.
TEST_F(Lean, AFrameWithoutProofWaitsForARepair) {
  uint64_t lost = 0, repairs = 0;
  w.tap = [&](size_t from, size_t, Message& m) {
    if (from != source || !is_media(m)) return true;
    repairs += is_repair(m);
    const bool hit = id_of(m).frame.number.value() % 3 == 1 && !wire::is_lean_fragment(m);
    if (!hit || is_repair(m)) return true;
    ++lost;
    return false;
  };
  start();
  EXPECT_GT(lost, 30u);
  EXPECT_LE(repairs, lost + lost / 4);
  expect_all_on_time(relay);
  expect_all_on_time(viewer);
}

TEST_F(Lean, WhatComesBeforeItsProofIsNoLoss) {
  w.default_link = {.one_way = Duration::millis(30), .jitter = Duration::millis(30)};
  start();
  expect_all_on_time(relay);
  expect_all_on_time(viewer);
  EXPECT_LE(w.engine(relay).stats(w.now()).repair.spurious, 20u);
}

// The parent makes up frames that nothing ever proves.
TEST_F(Lean, WhatIsNeverProvenIsForgotten) {
  bool lying = false;
  w.tap = [&](size_t from, size_t, Message& m) {
    if (lying && from == source && is_media(m) && wire::is_lean_fragment(m)) m[5] ^= 0x40;
    return true;
  };
  start();
  lying = true;
  w.run_for(Duration::seconds(2));
  EXPECT_GT(w.engine(viewer).stats(w.now()).bytes.media_in, 0u);
  lying = false;
  w.run_for(repair::FragmentHold::kMaxAge + Duration::seconds(4));
  const uint64_t before = shown_on_time(viewer);
  w.run_for(Duration::seconds(2));
  EXPECT_GE(shown_on_time(viewer), before + 39);
}

// Another parent's lie does not keep what is true from being shown.
TEST_F(Lean, AForgedLeanFragmentIsRefusedWhenItsFrameIsProven) {
  uint64_t forged = 0;
  w.tap = [&](size_t from, size_t, Message& m) {
    if (from != source || !is_media(m) || !wire::is_lean_fragment(m)) return true;
    if (forged < 2 && id_of(m).frame.number.value() > 20) m.back() ^= 1, ++forged;
    return true;
  };
  start();
  EXPECT_EQ(forged, 2u);
  const auto drops = [&](size_t i) { return w.engine(i).stats(w.now()).drops.forged; };
  EXPECT_EQ(drops(relay) + drops(viewer), 2u);
  expect_all_on_time(viewer);
}

}  // namespace
}  // namespace swarmcast::node
