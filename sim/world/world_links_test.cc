// Who can reach whom, and how long it takes.
#include <gtest/gtest.h>

#include "sim/world/cheap_crypto.h"
#include "sim/world/world.h"

namespace swarmcast::sim {
namespace {

constexpr Duration kFramePeriod = Duration::millis(50);
const std::vector<uint8_t> kPicture(2'000, 7);

class WorldLinksTest : public testing::Test, public Observer {
 protected:
  // A source with one place, a first viewer behind `first` and a second one behind `second`, for
  // which there is only the first to get the stream from.
  void chain(NatKind first, NatKind second, bool browsers = false) {
    world_.observe(*this);
    world_.add_source({.engine = {.max_places = kStripes, .stream = {.fps = 20}}});
    publish();
    add(first, browsers);
    world_.run_until(world_.now() + Duration::seconds(3));
    add(second, browsers);
    world_.run_until(world_.now() + Duration::seconds(6));
  }
  void add(NatKind nat, bool browser) {
    NodeOptions o{.nat = nat};
    o.engine.max_places = 4 * kStripes;
    o.engine.browser = browser;
    o.engine.listening = !browser;
    world_.add_viewer(0, o);
  }
  void publish() {
    world_.publish({.track = kVideoTrack, .key = true, .payload = kPicture});
    world_.schedule(world_.now() + kFramePeriod, [this] { publish(); });
  }
  void on_frame(Instant, NodeId node, const output::Frame&) override { ++shown_[node]; }

  World world_{1, {}, cheap_crypto()};
  int shown_[3] = {};
};

TEST_F(WorldLinksTest, WhoCanBeDialledIsDialled) {
  chain(NatKind::kFullCone, NatKind::kSymmetric);
  EXPECT_EQ(world_.parent(2), NodeId{1});
  EXPECT_EQ(world_.links_by_ice(), 0u);
  EXPECT_GT(shown_[2], 50);
}

TEST_F(WorldLinksTest, BehindNatsThatLetItTheyMeetByIce) {
  chain(NatKind::kPortRestricted, NatKind::kPortRestricted);
  EXPECT_EQ(world_.parent(2), NodeId{1});
  EXPECT_GE(world_.links_by_ice(), 1u);
  EXPECT_GT(shown_[2], 50);
}

TEST_F(WorldLinksTest, BrowsersMeetByIceThoughNothingIsInTheWay) {
  chain(NatKind::kNone, NatKind::kNone, true);
  EXPECT_EQ(world_.parent(2), NodeId{1});
  EXPECT_GE(world_.links_by_ice(), 1u);
  EXPECT_FALSE(world_.can_be_dialled(1));
}

TEST_F(WorldLinksTest, BehindSymmetricNatsTheyNeverMeet) {
  chain(NatKind::kSymmetric, NatKind::kSymmetric);
  EXPECT_EQ(world_.parent(1), NodeId{0});
  EXPECT_FALSE(world_.parent(2));
  EXPECT_EQ(world_.links_by_ice(), 0u);
  EXPECT_EQ(shown_[2], 0);
}

// Counts what a chain of two viewers is shown of a stream of 2 Mbit/s, at a loss of 5 %.
class LossyChain : public Observer {
 public:
  LossyChain(bool first_is_browser, bool second_is_browser) {
    world_.observe(*this);
    world_.add_source({.engine = {.max_places = kStripes, .stream = {.fps = 20}}});
    publish();
    for (const bool browser : {first_is_browser, second_is_browser}) {
      NodeOptions o;
      o.engine.browser = browser;
      o.engine.listening = !browser;
      world_.add_viewer(0, o);
      world_.run_until(world_.now() + Duration::seconds(3));
    }
    world_.run_until(world_.now() + Duration::seconds(5));
  }
  int shown_by_second() const { return shown_[2]; }

 private:
  void publish() {
    world_.publish({.track = kVideoTrack, .key = true, .payload = picture_});
    world_.schedule(world_.now() + kFramePeriod, [this] { publish(); });
  }
  void on_frame(Instant, NodeId node, const output::Frame&) override { ++shown_[node]; }

  World world_{1, {.loss = 0.05}, cheap_crypto()};
  std::vector<uint8_t> picture_ = std::vector<uint8_t>(12'500, 7);
  int shown_[3] = {};
};

TEST(SctpLinkTest, OnlyBetweenTwoBrowsersTheWindowIsInTheWay) {
  const int native = LossyChain(false, false).shown_by_second();
  EXPECT_GT(native, 100);
  EXPECT_GT(LossyChain(true, false).shown_by_second(), native * 9 / 10);
  EXPECT_GT(LossyChain(false, true).shown_by_second(), native * 9 / 10);
  EXPECT_LT(LossyChain(true, true).shown_by_second(), native * 2 / 3);
}

}  // namespace
}  // namespace swarmcast::sim
