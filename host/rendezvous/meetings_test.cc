#include "host/rendezvous/meetings.h"

#include <gtest/gtest.h>

#include <string>

namespace swarmcast::rendezvous {
namespace {

MeetingPlace place(MeetingSide side, uint8_t topic = 1) { return {side, MeetingTopic{topic}}; }
constexpr auto kHost = MeetingSide::kHost;
constexpr auto kGuest = MeetingSide::kGuest;

TEST(Meetings, AreNamedByATokenForTheHostAndItsHashForGuests) {
  const auto host = parse_meeting_path("/host/" + std::string(64, '0'));
  ASSERT_TRUE(host);
  EXPECT_EQ(host->side, kHost);
  const auto guest = parse_meeting_path("/meet/ffffffffffffffffffffffffffffff0a");
  ASSERT_TRUE(guest);
  EXPECT_EQ(guest->side, kGuest);
  EXPECT_EQ(guest->topic[15], 0x0a);
  EXPECT_EQ(guest_path(guest->topic), "/meet/ffffffffffffffffffffffffffffff0a");
  EXPECT_NE(host->topic, MeetingTopic{});
}

TEST(Meetings, OtherPathsAreNone) {
  for (const std::string path :
       {"/", "/signal", "/meet", "/meet/", "/host/", "/meet/ffffffffffffffffffffffffffffff0",
        "/meet/ffffffffffffffffffffffffffffff0A", "/meet/ffffffffffffffffffffffffffffff0a/"})
    EXPECT_FALSE(parse_meeting_path(path)) << path;
  EXPECT_FALSE(parse_meeting_path("/host/" + std::string(32, '0')));
  EXPECT_FALSE(parse_meeting_path("/meet/" + std::string(64, '0')));
}

TEST(Meetings, BringAGuestAndAHostOfOneTopicTogether) {
  Meetings meetings({});
  ASSERT_TRUE(meetings.enter(SignalPathId(1), place(kHost)));
  ASSERT_TRUE(meetings.enter(SignalPathId(2), place(kGuest, 2)));
  EXPECT_EQ(meetings.partner(SignalPathId(1)), std::nullopt);
  ASSERT_TRUE(meetings.enter(SignalPathId(3), place(kGuest)));
  EXPECT_EQ(meetings.partner(SignalPathId(1)), SignalPathId(3));
  EXPECT_EQ(meetings.partner(SignalPathId(3)), SignalPathId(1));
  EXPECT_EQ(meetings.partner(SignalPathId(2)), std::nullopt);
}

TEST(Meetings, LetAGuestWaitForTheNextHostAndTheFirstGuestGoFirst) {
  Meetings meetings({});
  meetings.enter(SignalPathId(1), place(kGuest));
  meetings.enter(SignalPathId(2), place(kGuest));
  meetings.enter(SignalPathId(3), place(kHost));
  EXPECT_EQ(meetings.partner(SignalPathId(3)), SignalPathId(1));
}

TEST(Meetings, EndForBothSides) {
  Meetings meetings({});
  meetings.enter(SignalPathId(1), place(kHost));
  meetings.enter(SignalPathId(2), place(kGuest));
  EXPECT_EQ(meetings.leave(SignalPathId(2)), SignalPathId(1));
  EXPECT_EQ(meetings.partner(SignalPathId(1)), std::nullopt);
  EXPECT_EQ(meetings.leave(SignalPathId(1)), std::nullopt);
}

TEST(Meetings, HoldNobodyMoreThanTheLimits) {
  Meetings meetings({.paths = 5, .waiting = 2});
  EXPECT_TRUE(meetings.enter(SignalPathId(1), place(kGuest)));
  EXPECT_TRUE(meetings.enter(SignalPathId(2), place(kGuest)));
  EXPECT_FALSE(meetings.enter(SignalPathId(3), place(kGuest)));
  EXPECT_TRUE(meetings.enter(SignalPathId(4), place(kHost)));
  EXPECT_TRUE(meetings.enter(SignalPathId(5), place(kGuest)));  // one waits no more
  EXPECT_TRUE(meetings.enter(SignalPathId(6), place(kHost, 2)));
  EXPECT_FALSE(meetings.enter(SignalPathId(7), place(kHost, 3)));
  meetings.leave(SignalPathId(4));
  EXPECT_TRUE(meetings.enter(SignalPathId(8), place(kHost, 3)));
}

}  // namespace
}  // namespace swarmcast::rendezvous
