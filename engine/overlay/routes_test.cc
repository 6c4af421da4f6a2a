#include "engine/overlay/routes.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::overlay {
namespace {

PeerId id(uint16_t n) {
  PeerId p;
  p.bytes[0] = static_cast<uint8_t>(n >> 8);
  p.bytes[1] = static_cast<uint8_t>(n);
  return p;
}
Step link(uint32_t n) { return Step::over(LinkId(n)); }

TEST(Routes, ANeighbourComesBeforeTheWayBackBeforeWhoNamedIt) {
  Routes r;
  EXPECT_FALSE(r.next(at(0), id(1), id(2)));
  r.on_named(at(0), id(2), link(7));
  EXPECT_EQ(r.next(at(0), id(1), id(2)), link(7));
  r.on_signal(at(0), id(2), id(1), link(8));
  EXPECT_EQ(r.next(at(0), id(1), id(2)), link(8));
  EXPECT_EQ(r.next(at(0), id(3), id(2)), link(7)) << "the way back is that pair's only";
  r.add_neighbour(id(2), link(9));
  EXPECT_EQ(r.next(at(0), id(1), id(2)), link(9));
}

TEST(Routes, AnEntryOnAPathComesBehindAProvenNeighbour) {
  Routes r;
  r.add_neighbour(id(2), link(9));
  r.add_neighbour(id(2), Step::over(SignalPathId(1)));
  EXPECT_EQ(r.next(at(0), id(1), id(2)), link(9));
  r.forget(link(9));
  EXPECT_EQ(r.next(at(0), id(1), id(2)), Step::over(SignalPathId(1)));
}

TEST(Routes, NobodyTurnsFreshWaysToHimself) {
  Routes r;
  r.on_signal(at(0), id(2), id(1), link(8));
  r.on_signal(at(1), id(2), id(1), link(66));
  EXPECT_EQ(r.next(at(2), id(1), id(2)), link(8));
  r.on_named(at(0), id(5), link(7));
  r.on_named(at(1), id(5), link(66));
  EXPECT_EQ(r.next(at(2), id(1), id(5)), link(7));
  const Instant later = at(0) + kRouteHold;
  r.on_named(later, id(5), link(66));
  EXPECT_EQ(r.next(later, id(1), id(5)), link(66));
}

TEST(Routes, AWayBackAges) {
  Routes r;
  r.on_signal(at(0), id(2), id(1), link(8));
  EXPECT_TRUE(r.next(at(0) + kReversePathAge - Duration::millis(1), id(1), id(2)));
  EXPECT_FALSE(r.next(at(0) + kReversePathAge, id(1), id(2)));
}

TEST(Routes, ForgetsWhatLedOverALinkThatIsGone) {
  Routes r;
  r.add_neighbour(id(2), link(1));
  r.on_named(at(0), id(3), link(1));
  r.on_signal(at(0), id(4), id(5), link(1));
  r.forget(link(1));
  EXPECT_EQ(r.size(), 0u);
  EXPECT_FALSE(r.next(at(0), id(1), id(2)));
}

TEST(Routes, AreBoundedAndKeepWhatIsUsed) {
  Routes r;
  r.on_named(at(0), id(1), link(1));
  for (uint16_t n = 2; n < 2'000; ++n) {
    r.on_named(at(n), id(n), link(2));
    r.on_signal(at(n), id(n), id(1), link(2));
    ASSERT_TRUE(r.next(at(n), id(9), id(1)));
  }
  EXPECT_EQ(r.size(), 2 * kMaxRoutes);
  EXPECT_EQ(r.next(at(2'000), id(9'999), id(1)), link(1));
}

}  // namespace
}  // namespace swarmcast::overlay
