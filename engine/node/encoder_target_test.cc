#include "engine/node/encoder_target.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::node {
namespace {

DataRate kbps(int64_t v) { return DataRate::kbps(v); }

TEST(StreamRoom, IsAnEqualShareOfTheNode) {
  EXPECT_EQ(stream_room(kbps(8'000), {{kbps(9'000)}, {kbps(9'000)}}), kbps(4'000));
  EXPECT_EQ(stream_room(kbps(8'000), {{kbps(9'000)}}), kbps(8'000));
  EXPECT_EQ(stream_room(kbps(8'000), {}), kbps(8'000));
}

TEST(StreamRoom, LeavesAFewSlowLinksBehind) {
  EXPECT_EQ(stream_room(kbps(20'000), {{kbps(1'000)}}), kbps(1'000));
  EXPECT_EQ(stream_room(kbps(20'000), {{kbps(9'000)}, {kbps(1'000)}}), kbps(1'000));
  EXPECT_EQ(stream_room(kbps(20'000), {{kbps(5'000)}, {kbps(1'000)}, {kbps(4'000)}, {kbps(6'000)}}),
            kbps(4'000));
  EXPECT_EQ(stream_room(kbps(20'000), {{kbps(9'000), 1}, {kbps(1'000), 10}}), kbps(1'000))
      << "viewers count, not children";
}

TEST(EncoderTarget, FollowsTheRoomDownAtOnceAndUpSlowly) {
  EncoderTarget target(kbps(2'000), true);
  EXPECT_FALSE(target.update(at(0), kbps(10'000))) << "all there is may be used";
  const auto down = target.update(at(100), kbps(1'000));
  ASSERT_TRUE(down);
  EXPECT_LT(down->target, kbps(1'000)) << "headers and repairs need room, too";
  EXPECT_GT(down->target, kbps(500));
  EXPECT_FALSE(down->sound_only);
  EXPECT_FALSE(target.update(at(110), kbps(500))) << "not twice in a moment";
  EXPECT_TRUE(target.update(at(200), kbps(500)));
  EXPECT_FALSE(target.update(at(400), kbps(1'000)));
  EXPECT_TRUE(target.update(at(700), kbps(1'000)));
  EXPECT_FALSE(target.update(at(1'500), kbps(1'010))) << "too little to mention";
  const auto all = target.update(at(3'000), kbps(10'000));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->target, kbps(2'000));
}

TEST(EncoderTarget, SoundOnlyWhereNoPictureFits) {
  EncoderTarget target(kbps(2'000), true);
  target.update(at(0), kbps(10'000));
  const auto hint = target.update(at(100), kbps(100));
  ASSERT_TRUE(hint);
  EXPECT_TRUE(hint->sound_only);
  EXPECT_FALSE(target.update(at(1'000), kbps(10'000))) << "not to and fro";
  const auto little = target.update(at(3'000), kbps(170));
  ASSERT_TRUE(little);
  EXPECT_TRUE(little->sound_only) << "just above the lowest rate is too little";
  const auto again = target.update(at(6'000), kbps(400));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->sound_only);
}

TEST(EncoderTarget, KnowsWhatTheEncodersBytesCostOnTheWay) {
  EncoderTarget cheap(kbps(9'000), true), dear(kbps(9'000), true);
  for (int64_t s = 1; s < 20; ++s) {
    const auto bytes = static_cast<uint64_t>(s) * 100'000;
    cheap.on_traffic(at(s * 1'000), bytes, 0, bytes * 12 / 10, 1);
    dear.on_traffic(at(s * 1'000), bytes, 0, bytes * 3, 2);
  }
  cheap.update(at(20'000), kbps(20'000));
  dear.update(at(20'000), kbps(20'000));
  const auto a = cheap.update(at(21'000), kbps(3'000));
  const auto b = dear.update(at(21'000), kbps(3'000));
  ASSERT_TRUE(a && b);
  EXPECT_NEAR(static_cast<double>(a->target.kbps()) / static_cast<double>(b->target.kbps()),
              1.5 / 1.2, 0.05);
}

TEST(EncoderTarget, FollowsASwarmThatSheds) {
  EncoderTarget target(kbps(2'000), true);
  target.update(at(0), kbps(10'000));
  for (int64_t s = 1; s <= 10; ++s) target.update(at(s * 1'000), kbps(10'000), 0.5);
  EXPECT_LT(target.target(), kbps(600));
  for (int64_t s = 11; s <= 80; ++s) target.update(at(s * 1'000), kbps(10'000), 0.1);
  EXPECT_EQ(target.target(), kbps(2'000));
}

}  // namespace
}  // namespace swarmcast::node
