// Signals over a path to a gateway, before there is a link.
#include <gtest/gtest.h>

#include "engine/node/signal_net_for_test.h"

namespace swarmcast::node {
namespace {

struct Joining {
  explicit Joining(const SwarmSecret& joiners_secret = {7}) {
    entry = net.add();
    joiner = net.add(joiners_secret);
    net.peer(entry).options.listen_fingerprint = seed_of(entry, 8);
    net.open_path(joiner, entry);
    net.run_for(kHop * 3);
  }
  Contact invited() {
    return {.endpoint = {.port = 1},
            .fingerprint = seed_of(entry, 8),
            .record = net.peer(joiner).entry};
  }
  SignalNet net;
  size_t entry = 0, joiner = 0;
};

TEST(SignallingPath, AJoinerMeetsItsEntryOverAPath) {
  Joining j;
  ASSERT_TRUE(j.net.peer(j.joiner).entry);
  j.net.peer(j.joiner).clock.reset();  // it has heard of no clock yet
  const LinkId link = j.net.knock(j.joiner, j.invited());
  j.net.run_for(kHop * 4);
  EXPECT_TRUE(j.net.met(j.joiner, link, j.entry));
  EXPECT_EQ(j.net.peer(j.joiner).described.at(link).fingerprint, seed_of(j.entry, 8));
}

TEST(SignallingPath, AStrangerGetsNoAnswer) {
  Joining j({8});
  EXPECT_FALSE(j.net.peer(j.joiner).entry);
  j.net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_EQ(j.net.peer(j.entry).counts.malformed, uint64_t{overlay::kSignalTries});
  EXPECT_EQ(j.net.peer(j.entry).counts.sent, 0u);
}

TEST(SignallingPath, NothingIsPassedOnForAStrangerOrInAnothersName) {
  Joining j;
  const size_t other = j.net.add();
  j.net.connect(j.entry, other);
  std::vector<uint8_t> knock;
  j.net.tap = [&](size_t from, size_t, std::vector<uint8_t>& bytes) {
    if (from == j.joiner && bytes[0] == wire::kSignalType) knock = bytes;
    return true;
  };
  j.net.knock(j.joiner, j.invited());
  auto& entry = j.net.peer(j.entry);
  entry.signalling->on_path_up(j.net.now(), SignalPathId(77), false);
  const auto malformed = entry.counts.malformed;
  entry.signalling->on_path_message(j.net.moment(j.entry), SignalPathId(77), knock);
  knock[20] ^= 1;  // another sender
  const SignalPathId path(j.net.peer(j.joiner).steps.begin()->second.second);
  entry.signalling->on_path_message(j.net.moment(j.entry), path, knock);
  EXPECT_EQ(entry.counts.malformed, malformed + 2);
}

// Somebody who has the invite sits at the gateway and answers in the entry's place.
TEST(SignallingPath, WhoStandsInForTheEntryGainsNothing) {
  Joining j;
  auto& impostor = j.net.peer(j.entry);
  impostor.options.listen_fingerprint = seed_of(1, 66);  // it cannot have the entry's
  const LinkId link = j.net.knock(j.joiner, j.invited());
  j.net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_FALSE(j.net.peer(j.joiner).described.contains(link));
  EXPECT_TRUE(j.net.peer(j.joiner).prepared.empty()) << "so it has told no candidate either";
  EXPECT_GE(j.net.peer(j.joiner).counts.forged, 1u);
}

TEST(SignallingPath, AJoinerReachesOthersThroughItsEntry) {
  Joining j;
  const size_t other = j.net.add();
  j.net.connect(j.entry, other);
  // Its entry may tell it of others over a link of its own; the way there may still be the path.
  j.net.connect(j.joiner, j.entry);
  j.net.name(j.entry, j.joiner, other);
  const LinkId link = j.net.knock(j.joiner, j.net.contact(other));
  j.net.run_for(kHop * 6);
  EXPECT_TRUE(j.net.met(j.joiner, link, other));
}

TEST(SignallingPath, PathsAreBounded) {
  SignalNet net;
  const size_t entry = net.add();
  for (uint32_t i = 1; i <= 2 * overlay::kMaxSignalPaths; ++i)
    net.peer(entry).signalling->on_path_up(net.now(), SignalPathId(i), false);
  EXPECT_EQ(net.peer(entry).counts.over_limit, overlay::kMaxSignalPaths);
}

}  // namespace
}  // namespace swarmcast::node
