// Two to nine real engines under virtual time. Every failure prints the seed.
#include <gtest/gtest.h>

#include <set>

#include "engine/node/swarm_for_test.h"
#include "engine/wire/fragment.h"

namespace swarmcast::node {
namespace {

// Every frame that reached the decoder is the source's, byte for byte.
void expect_authentic(World& w, size_t i) {
  for (const auto& s : w.node(i).shown) {
    const size_t size = s.id.number.value() % 40 == 0 ? kFrameSize * 4 : kFrameSize;
    ASSERT_EQ(s.payload, World::content(s.id.number, size)) << "frame " << s.id.number.value();
  }
}

double on_time_share(World& w, size_t i) {
  const FrameCounts f = w.engine(i).stats(w.now()).frames;
  return f.expected == 0 ? 0 : static_cast<double>(f.on_time) / static_cast<double>(f.expected);
}

class NodeTest : public ::testing::TestWithParam<uint64_t> {};

TEST(NodeTest, APeerThatNoLongerPassesOnSendsItsChildElsewhere) {
  World w(7);
  const size_t source = w.add_source({.max_places = 1 * kStripes});
  const size_t middle = w.add_peer(source);
  w.run_for(Duration::seconds(1));
  const size_t last = w.add_peer(source);
  w.publish_every(source, Duration::millis(50), 1'000);
  w.run_for(Duration::seconds(3));
  const auto sent = [&] { return w.engine(middle).stats(w.now()).bytes.media_out; };
  ASSERT_GT(sent(), 0u) << "the last one's only parent";
  ASSERT_FALSE(w.node(last).shown.empty());
  w.give(middle, input::SetPlaces{0});
  w.run_for(Duration::seconds(1));
  const uint64_t then = sent();
  w.run_for(Duration::seconds(2));
  EXPECT_EQ(sent(), then);
  const size_t shown = w.node(last).shown.size();
  w.give(middle, input::SetPlaces{kStripes});
  w.add_peer(middle, {.parent_only = true});
  w.run_for(Duration::seconds(3));
  EXPECT_GT(sent(), then) << "there is a place again";
  EXPECT_GT(w.node(last).shown.size(), shown);
}

TEST(NodeTest, AViewerGetsThePictureFromTheSource) {
  World w(1);
  const size_t source = w.add_source();
  const size_t viewer = w.add_peer(source);
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(5));
  EXPECT_GT(shown_count(w, viewer), 90u);
  expect_authentic(w, viewer);
  EXPECT_EQ(on_time_share(w, viewer), 1.0);
  EXPECT_EQ(hop(w, viewer), 1);
  EXPECT_EQ(w.engine(source).stats(w.now()).witnesses, 1u);
}

TEST(NodeTest, TheSourceCountsTheBytesItPublishesOnce) {
  World w(1);
  const size_t source = w.add_source();
  w.add_peer(source);
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(kFramePeriod * 39);
  constexpr size_t kKeyFrame = kFrameSize * 4;
  EXPECT_EQ(w.engine(source).stats(w.now()).bytes.media_in, kKeyFrame + 39 * kFrameSize);
}

TEST(NodeTest, AFrameThatIsTooLargeIsLeftOutWithWhatRefersToIt) {
  World w(1);
  const size_t source = w.add_source();
  const size_t viewer = w.add_peer(source);
  w.run_for(Duration::seconds(1));
  const std::vector<uint8_t> bytes(kMaxFrameSize + 1, 7);
  const auto publish = [&](bool key, size_t size) {
    w.give(source, input::PublishFrame{{.track = kVideoTrack,
                                        .key = key,
                                        .depends_on = key ? uint8_t{0} : uint8_t{1},
                                        .payload = ByteSpan(bytes).first(size)},
                                       w.now()});
    w.run_for(kFramePeriod);
  };
  publish(true, bytes.size());
  publish(false, 1'000);
  EXPECT_EQ(w.engine(source).stats(w.now()).drops.over_limit, 2u);
  EXPECT_GE(w.node(source).key_requests, 1u);
  publish(true, kMaxFrameSize);
  publish(false, 1'000);
  publish(false, bytes.size());
  publish(false, 1'000);
  publish(true, 1'000);
  w.run_for(Duration::seconds(2));
  EXPECT_EQ(w.engine(source).stats(w.now()).drops.over_limit, 4u);
  EXPECT_EQ(shown_count(w, viewer), 3u);
}

TEST(NodeTest, WaitingForTheFirstFrameIsNoLoss) {
  World w(1);
  w.default_link.loss = 0.05;
  const size_t source = w.add_source();
  const size_t viewer = w.add_peer(source, {.playout = Duration::millis(300)});
  w.run_for(Duration::seconds(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(5));
  EXPECT_LT(w.engine(viewer).stats(w.now()).repair.nak_sent, 60u);  // of some 400 fragments
  EXPECT_EQ(on_time_share(w, viewer), 1.0);
}

TEST(NodeTest, CountersOutliveTheLinksTheyCount) {
  World w(1);
  w.default_link.loss = 0.05;
  const size_t source = w.add_source();
  const size_t viewer = w.add_peer(source);
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(5));
  const EngineStats before = w.engine(viewer).stats(w.now());
  ASSERT_GT(before.repair.nak_sent, 0u);
  w.kill(source);
  w.run_for(Duration::seconds(10));
  const EngineStats after = w.engine(viewer).stats(w.now());
  EXPECT_EQ(after.peers, 0);
  EXPECT_GE(after.repair.nak_sent, before.repair.nak_sent);
  EXPECT_GE(after.repair.spurious, before.repair.spurious);
}

TEST(NodeTest, AJoinerOfARunningStreamSeesThePictureWithinASecondAtRtt80) {
  World w(2);
  w.default_link.one_way = Duration::millis(40);
  const size_t source = w.add_source();
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(3));
  const size_t viewer = w.add_peer(source);
  ASSERT_TRUE(w.run_until_true([&] { return shown_count(w, viewer) > 0; }, Duration::seconds(1)));
}

TEST(NodeTest, AChainOfSevenHopsCarriesThePictureThroughLoss) {
  World w(3);
  w.default_link = {.one_way = Duration::millis(20), .loss = 0.01};
  const size_t source = w.add_source({.stream = {.playout = Duration::millis(450)}});
  size_t last = source;
  w.publish_every(source, kFramePeriod, kFrameSize);
  for (int hop = 1; hop <= 7; ++hop) {
    last = w.add_peer(last, {.role = hop == 7 ? Role::kViewer : Role::kRelay, .parent_only = true});
    w.run_for(Duration::millis(800));
  }
  w.run_for(Duration::seconds(60));
  EXPECT_EQ(hop(w, last), 7);
  EXPECT_GE(on_time_share(w, last), 0.995);
  expect_authentic(w, last);
}

TEST(NodeTest, AnEighthHopIsRefused) {
  World w(4);
  const size_t source = w.add_source(with_children(1));
  size_t last = source;
  for (int hop = 1; hop <= 8; ++hop) {
    last = w.add_peer(last, {.role = Role::kRelay, .parent_only = true});
    w.run_for(Duration::seconds(1));
  }
  EXPECT_EQ(hop(w, last), 0);
  w.run_for(Duration::seconds(20));
  ASSERT_EQ(w.node(last).ended.size(), 1u);
  EXPECT_EQ(w.node(last).ended[0], output::EndReason::kSwarmFull);
}

TEST(NodeTest, AFullSourceSendsTheFifthViewerToOneOfItsChildren) {
  World w(5);
  const size_t source = w.add_source();
  w.publish_every(source, kFramePeriod, kFrameSize);
  std::vector<size_t> viewers;
  for (int i = 0; i < 8; ++i) {
    viewers.push_back(w.add_peer(source));
    w.run_for(Duration::seconds(1));
  }
  w.run_for(Duration::seconds(5));
  EXPECT_EQ(w.engine(source).stats(w.now()).children, 4);
  for (size_t v : viewers) {
    EXPECT_GE(hop(w, v), 1);
    EXPECT_LE(hop(w, v), 2);
    EXPECT_GT(shown_count(w, v), 80u);
    expect_authentic(w, v);
  }
  EXPECT_EQ(w.engine(source).stats(w.now()).witnesses, 8u);
  EXPECT_EQ(w.engine(viewers[7]).stats(w.now()).witnesses, 8u);
}

TEST(NodeTest, KillingARelayDoesNotStopItsChildrensPictures) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World w(seed);
    w.default_link.one_way = Duration::millis(15);
    const auto others =
        lose_a_relay(w, with_children(2), Duration::seconds(3), Duration::seconds(4));
    for (size_t p : others) expect_authentic(w, p);
  }
}

TEST(NodeTest, LossIsRepairedHopByHop) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World w(seed);
    w.default_link = {.one_way = Duration::millis(30), .loss = 0.1};
    const size_t source = w.add_source({.stream = {.playout = Duration::millis(300)}});
    const size_t viewer = w.add_peer(source);
    w.publish_every(source, kFramePeriod, 12'500);
    w.run_for(Duration::seconds(60));
    EXPECT_GE(on_time_share(w, viewer), 0.99);
    const EngineStats s = w.engine(viewer).stats(w.now());
    EXPECT_GT(s.repair.nak_sent, 100u);
    EXPECT_LT(static_cast<double>(s.repair.spurious),
              0.03 * static_cast<double>(s.repair.nak_sent));
  }
}

// Sound is sent between the pieces of a picture, and was captured at another time.
TEST(NodeTest, LossIsRepairedBesideSound) {
  World w(6);
  w.default_link = {.one_way = Duration::millis(20), .loss = 0.03};
  const size_t source = w.add_source();
  const size_t viewer = w.add_peer(source, {.playout = Duration::millis(450)});
  w.publish_every(source, kFramePeriod, kFrameSize);
  constexpr Duration kSoundFrame = Duration::millis(20);
  const std::vector<uint8_t> sound(80, 7);
  for (Duration at; at < Duration::seconds(60); at = at + kSoundFrame)
    w.schedule(w.now() + at, [&] {
      w.give(source, input::PublishFrame{{.track = kAudioTrack, .key = true, .payload = sound},
                                         w.now() - kSoundFrame});
    });
  w.run_for(Duration::seconds(60));
  const FrameCounts frames = w.engine(viewer).stats(w.now()).frames;
  EXPECT_GT(frames.expected, 1'100u);
  EXPECT_EQ(frames.on_time, frames.expected) << "seed 6";
}

TEST(NodeTest, ATombstoneEndsEverybodyAfterTheLastFrame) {
  World w(7);
  const size_t source = w.add_source();
  const size_t relay = w.add_peer(source, {.role = Role::kRelay});
  w.run_for(Duration::seconds(1));
  const size_t viewer = w.add_peer(relay, {.parent_only = true});
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(3));
  w.stop_publishing();
  const uint32_t last = 60;
  w.run_for(Duration::millis(30));
  w.stop(source);
  w.run_for(Duration::seconds(4));
  ASSERT_EQ(w.node(viewer).ended.size(), 1u);
  EXPECT_EQ(w.node(viewer).ended[0], output::EndReason::kSourceEnded);
  ASSERT_EQ(w.node(relay).ended.size(), 1u);
  EXPECT_EQ(w.node(relay).ended[0], output::EndReason::kSourceEnded);
  ASSERT_EQ(w.node(source).ended.size(), 1u);
  EXPECT_EQ(w.node(source).ended[0], output::EndReason::kStopped);
  EXPECT_GE(w.node(viewer).shown.back().id.number.value() + 1, last);
}

TEST(NodeTest, AForgingRelayIsFoundOutByItsFirstHonestNeighbour) {
  World w(8);
  const size_t source = w.add_source();
  const size_t relay = w.add_peer(source, {.role = Role::kRelay});
  w.run_for(Duration::seconds(1));
  const size_t viewer = w.add_peer(relay);
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(3));
  const size_t shown_before = shown_count(w, viewer);
  ASSERT_GT(shown_before, 20u);
  w.tap = [&](size_t from, size_t, std::vector<uint8_t>& message) {
    if (from == relay && message[0] == wire::kFragmentType) message.back() ^= 1;
    return true;
  };
  w.run_for(Duration::seconds(3));
  expect_authentic(w, viewer);
  EXPECT_GT(w.engine(viewer).stats(w.now()).drops.forged, 0u);
}

TEST(NodeTest, AWrongSecretOrAForeignSourceIsRefusedWithItsReason) {
  World w(9);
  const size_t source = w.add_source();
  EngineOptions wrong_secret;
  wrong_secret.secret[0] = 1;
  const size_t stranger = w.add_peer(source, wrong_secret);
  w.run_for(Duration::seconds(4));
  ASSERT_EQ(w.node(stranger).ended.size(), 1u);
  EXPECT_EQ(w.node(stranger).ended[0], output::EndReason::kWrongSecret);
  EXPECT_EQ(w.engine(source).stats(w.now()).peers, 0);
}

TEST(NodeTest, NobodyAtTheEntry) {
  World w(10);
  const size_t source = w.add_source();
  w.kill(source);
  const size_t viewer = w.add_peer(source);
  w.run_for(Duration::seconds(30));
  ASSERT_EQ(w.node(viewer).ended.size(), 1u);
  EXPECT_EQ(w.node(viewer).ended[0], output::EndReason::kEntryUnreachable);
}

// The three switches that prove that this suite would notice a broken engine.
TEST(NodeTest, WithoutSealingNothingOpens) {
  World w(11);
  const size_t source = w.add_source({.safeguards = {.seal = false}});
  const size_t viewer = w.add_peer(source);
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(3));
  EXPECT_EQ(shown_count(w, viewer), 0u);
}

TEST(NodeTest, NothingReadableIsOnTheWire) {
  World w(12);
  const size_t source = w.add_source();
  w.add_peer(source);
  size_t readable = 0, fragments = 0;
  w.tap = [&](size_t from, size_t, std::vector<uint8_t>& message) {
    const auto view = wire::parse_fragment(message);
    if (from != source || !view || view->header.id.track != kVideoTrack) return true;
    const size_t size = view->header.key ? kFrameSize * 4 : kFrameSize;
    const auto content = World::content(view->header.id.number, size);
    const size_t at = view->index * view->payload.size();
    ++fragments;
    if (view->index < view->header.k && at + 32 <= content.size())
      readable += std::equal(view->payload.begin(), view->payload.begin() + 32,
                             content.begin() + static_cast<long>(at));
    return true;
  };
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(3));
  EXPECT_GT(fragments, 50u);
  EXPECT_EQ(readable, 0u);
}

// What an honest relay behind a forging one sends on.
size_t forgeries_sent_on(bool verify) {
  World w(14);
  const size_t source = w.add_source();
  const size_t forger = w.add_peer(source, {.role = Role::kRelay});
  w.run_for(Duration::seconds(1));
  const size_t honest = w.add_peer(
      forger, {.role = Role::kRelay, .parent_only = true, .safeguards = {.verify = verify}});
  w.run_for(Duration::seconds(1));
  w.add_peer(honest, {.parent_only = true});
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(1));
  constexpr size_t kEnding = 32;  // of a payload
  std::set<std::vector<uint8_t>> forged;
  size_t sent_on = 0;
  w.tap = [&](size_t from, size_t, std::vector<uint8_t>& message) {
    if (message[0] != wire::kFragmentType) return true;
    const size_t trailer = message[1] & wire::kHopRepairFlag ? kRepairTrailerSize : 0;
    const auto end = message.end() - static_cast<std::ptrdiff_t>(trailer);
    if (from == forger) end[-1] ^= 1;
    const std::vector<uint8_t> ending(end - kEnding, end);
    if (from == forger) forged.insert(ending);
    if (from == honest) sent_on += forged.contains(ending);
    return true;
  };
  w.run_for(Duration::seconds(2));
  return sent_on;
}

TEST(NodeTest, WithoutVerificationForgeriesAreSentOn) {
  EXPECT_EQ(forgeries_sent_on(true), 0u);
  EXPECT_GT(forgeries_sent_on(false), 0u);
}

TEST(NodeTest, WithoutRelayingTheSecondHopStaysDark) {
  World w(13);
  const size_t source = w.add_source();
  const size_t relay = w.add_peer(source, {.role = Role::kRelay, .safeguards = {.relay = false}});
  w.run_for(Duration::seconds(1));
  const size_t viewer = w.add_peer(relay, {.parent_only = true});
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(3));
  EXPECT_EQ(shown_count(w, viewer), 0u);
}

TEST(NodeTest, GarbageFromAStrangerHarmsNobody) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World w(seed);
    Prng rng(seed);
    const size_t source = w.add_source();
    const size_t viewer = w.add_peer(source);
    w.publish_every(source, kFramePeriod, kFrameSize);
    w.tap = [&](size_t, size_t, std::vector<uint8_t>& message) {
      if (rng.chance(0.02)) {
        for (int i = 0; i < 3; ++i)
          message[rng.below(message.size())] ^= static_cast<uint8_t>(rng.next());
        if (rng.chance(0.3)) message.resize(1 + rng.below(message.size()));
      }
      return true;
    };
    w.run_for(Duration::seconds(4));
    expect_authentic(w, viewer);
  }
}

}  // namespace
}  // namespace swarmcast::node
