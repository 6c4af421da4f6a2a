// A neighbour that takes more than its share leaves the others theirs.
#include <gtest/gtest.h>

#include "engine/node/swarm_for_test.h"
#include "engine/wire/fragment.h"
#include "engine/wire/nak.h"

namespace swarmcast::node {
namespace {

constexpr Duration kWatched = Duration::seconds(10);

struct Sent {
  uint64_t pushed = 0;    // bytes
  uint64_t repaired = 0;  // bytes
};

// A hundred times a second the child asks for all it was sent lately, as if nothing had come.
Sent asked_for_everything() {
  constexpr Duration kInterval = Duration::millis(10);
  constexpr uint16_t kRange = 64;
  World w(7);
  const size_t source = w.add_source(with_children(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  const size_t child = w.add_peer(source, with_children(0));
  w.run_for(Duration::seconds(3));
  const LinkId link = w.node(source).links.back().link;
  Sent sent;
  uint16_t newest = 0;
  w.tap = [&](size_t from, size_t, std::vector<uint8_t>& m) {
    if (from != source || m[0] != wire::kFragmentType) return true;
    const wire::HopHeader hop = wire::parse_hop_header(m);
    newest = hop.link_sequence;
    (hop.answers ? sent.repaired : sent.pushed) += m.size();
    return true;
  };
  const Instant end = w.now() + kWatched;
  while (w.now() < end) {
    w.run_for(kInterval);
    wire::Nak nak{.urgent = true};
    for (size_t i = 1; i <= wire::kMaxSequenceRanges; ++i)
      nak.ranges.add({static_cast<uint16_t>(newest - i * kRange), kRange});
    Bytes<wire::kMaxNakSize> bytes;
    const size_t size = wire::write_nak(bytes, nak);
    w.give(source, input::Datagram{link, ByteSpan(bytes).first(size), w.now()});
  }
  EXPECT_GT(shown_count(w, child), 0u);
  return sent;
}

TEST(GreedyTest, WhoAsksForEverythingAgainGetsAShare) {
  const Sent sent = asked_for_everything();
  EXPECT_GT(sent.repaired, 0u);
  EXPECT_LT(sent.repaired, sent.pushed);
}

// One after another comes, is given what it has missed, and goes.
TEST(GreedyTest, WhoComesAndGoesCostsTheOthersAShare) {
  constexpr int kVisits = 50;
  constexpr Duration kStay = Duration::millis(200);
  World w(8);
  const size_t source = w.add_source(with_children(4));
  w.publish_every(source, kFramePeriod, kFrameSize);
  const size_t stays = w.add_peer(source, with_children(0));
  w.run_for(Duration::seconds(3));
  uint64_t to_all = 0, to_one = 0;
  w.tap = [&](size_t from, size_t to, std::vector<uint8_t>& m) {
    if (from != source || m[0] != wire::kFragmentType) return true;
    to_all += m.size();
    if (to == stays) to_one += m.size();
    return true;
  };
  for (int i = 0; i < kVisits; ++i) {
    const size_t visitor = w.add_peer(source, with_children(0));
    w.run_for(kStay);
    w.stop(visitor);
  }
  EXPECT_GT(to_all, to_one);
  EXPECT_LT(to_all, to_one * 3);
  EXPECT_GE(shown_count(w, stays), 150u);
}

}  // namespace
}  // namespace swarmcast::node
