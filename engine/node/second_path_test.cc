#include "engine/node/second_path.h"

#include <gtest/gtest.h>

namespace swarmcast::node {
namespace {

constexpr Instant kNow = Instant::from_us(1'000'000);
constexpr Duration kMoment = Duration::millis(1);

Endpoint by_port(uint16_t port) { return {.port = port}; }
FrameId frame(TrackId track, uint32_t number) { return {track, FrameNumber(number)}; }

OtherAddresses known(const std::vector<Endpoint>& all) {
  OtherAddresses out;
  out.learn(all, by_port(1), kNow);
  return out;
}

TEST(SentAgainTest, AFrameGoesInOneRoundOnly) {
  SentAgain sent;
  EXPECT_TRUE(sent.take(frame(kVideoTrack, 7)));
  EXPECT_TRUE(sent.take(frame(kVideoTrack, 8)));
  EXPECT_TRUE(sent.take(frame(kVideoTrack, 7)));  // another fragment of it
  sent.end_round();
  EXPECT_FALSE(sent.take(frame(kVideoTrack, 7)));
  EXPECT_FALSE(sent.take(frame(kVideoTrack, 8)));
  EXPECT_TRUE(sent.take(frame(kVideoTrack, 9)));
}

TEST(SentAgainTest, TracksAreCountedApart) {
  SentAgain sent;
  sent.take(frame(kVideoTrack, 7));
  sent.end_round();
  EXPECT_TRUE(sent.take(frame(kAudioTrack, 0)));
}

TEST(SentAgainTest, ARoundWithoutFramesForgetsNothing) {
  SentAgain sent;
  sent.take(frame(kVideoTrack, 7));
  sent.end_round();
  sent.end_round();
  EXPECT_FALSE(sent.take(frame(kVideoTrack, 7)));
}

TEST(OtherAddressesTest, NoneIsKnownAtFirst) {
  EXPECT_FALSE(OtherAddresses().is_due(kNow));
  EXPECT_FALSE(known({by_port(1)}).is_due(kNow));  // that is the one we have
}

TEST(OtherAddressesTest, AreTriedByTurns) {
  const OtherAddresses others = known({by_port(1), by_port(2), by_port(3)});
  EXPECT_TRUE(others.is_due(kNow));
  EXPECT_EQ(others.at_turn(0), by_port(2));
  EXPECT_EQ(others.at_turn(1), by_port(3));
  EXPECT_EQ(others.at_turn(2), by_port(2));
}

TEST(OtherAddressesTest, AreTriedNowAndThen) {
  OtherAddresses others = known({by_port(2)});
  others.wait(kNow);
  EXPECT_FALSE(others.is_due(kNow + OtherAddresses::kNextTry - kMoment));
  EXPECT_TRUE(others.is_due(kNow + OtherAddresses::kNextTry));
}

TEST(OtherAddressesTest, MayAllBeTakenBack) {
  OtherAddresses others = known({by_port(2)});
  others.learn({}, by_port(1), kNow);
  EXPECT_FALSE(others.is_due(kNow + OtherAddresses::kNextTry));
}

TEST(OtherAddressesTest, TheAddressThatWasLeftIsTriedAgain) {
  OtherAddresses others = known({by_port(2)});
  others.move(by_port(1), by_port(2), kNow);
  EXPECT_FALSE(others.is_due(kNow));
  EXPECT_TRUE(others.is_due(kNow + OtherAddresses::kNextTry));
  EXPECT_EQ(others.at_turn(0), by_port(1));
  EXPECT_EQ(others.at_turn(1), by_port(1));
}

TEST(OtherAddressesTest, NoneComeOfNone) {
  OtherAddresses others;
  others.move(by_port(1), by_port(2), kNow);
  EXPECT_FALSE(others.is_due(kNow + OtherAddresses::kNextTry));
}

TEST(SecondPathTest, ANewcomerIsUndecidedUntilItSaysWhatItIs) {
  SecondPath path;
  EXPECT_FALSE(path.is_undecided());
  path.undecided_until = kNow;
  EXPECT_TRUE(path.is_undecided());
}

TEST(SecondPathTest, SucceedsTheFirst) {
  SecondPath first{.told_silent = true, .other_addresses = known({by_port(2)})};
  SecondPath second{.first = LinkId(1), .told_silent = true};
  second.succeed(std::move(first), by_port(1), by_port(2), kNow);
  EXPECT_FALSE(second.first);
  EXPECT_FALSE(second.told_silent);
  EXPECT_TRUE(second.other_addresses.is_due(kNow + OtherAddresses::kNextTry));
  EXPECT_EQ(second.other_addresses.at_turn(0), by_port(1));
}

}  // namespace
}  // namespace swarmcast::node
