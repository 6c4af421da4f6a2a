// Parents that speak and send nothing, and parents that make things up, are left.
#include <gtest/gtest.h>

#include "engine/node/swarm_for_test.h"
#include "engine/wire/body.h"
#include "engine/wire/envelope.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"

namespace swarmcast::node {
namespace {

using Kept = std::function<bool(const std::vector<uint8_t>&)>;

struct Outcome {
  Duration longest;  // time that any other was without a picture
  int children = 0;  // that the withholder has left
};

// Five peers below a source with two places; when they have settled, the first keeps back what
// `kept` says.
Outcome withheld(const Kept& kept, bool leave, Duration watched) {
  World w(5);
  const size_t source = w.add_source(with_children(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  EngineOptions peer = with_children(3);
  peer.safeguards.leave = leave;
  std::vector<size_t> peers;
  for (int i = 0; i < 5; ++i) {
    peers.push_back(w.add_peer(source, peer));
    w.run_for(Duration::seconds(1));
  }
  w.run_for(Duration::seconds(5));
  EXPECT_GE(w.engine(peers[0]).stats(w.now()).children, 1);
  const Instant began = w.now();
  w.tap = [&](size_t from, size_t, std::vector<uint8_t>& m) {
    return from != peers[0] || !kept(m);
  };
  w.run_for(watched);
  Outcome out{.children = w.engine(peers[0]).stats(w.now()).children};
  Duration& longest = out.longest;
  for (size_t i = 1; i < peers.size(); ++i)
    longest = std::max({longest, longest_gap(w, peers[i], began),
                        w.now() - w.node(peers[i]).shown.back().released});
  return out;
}
Duration longest_without(const Kept& kept, bool leave = true) {
  return withheld(kept, leave, Duration::seconds(6)).longest;
}
// Soon enough that a link that loses half has not sent them away for that.
int children_left(const Kept& kept, bool leave = true) {
  return withheld(kept, leave, Duration::seconds(3)).children;
}

bool is_fragment(const std::vector<uint8_t>& m) { return m[0] == wire::kFragmentType; }
bool is_odd_fragment(const std::vector<uint8_t>& m) {
  const auto id = is_fragment(m) ? wire::id_of_fragment(m) : std::nullopt;
  return id && id->index % 2 == 1;
}

TEST(DeliveryTest, AParentThatSendsNothingIsLeft) {
  EXPECT_LT(longest_without(is_fragment), Duration::millis(1'500));
  EXPECT_GT(longest_without(is_fragment, false), Duration::seconds(5)) << "the bug is not noticed";
}
TEST(DeliveryTest, AParentThatSendsHalfIsLeft) {
  EXPECT_EQ(children_left(is_odd_fragment), 0);
  EXPECT_GT(children_left(is_odd_fragment, false), 0) << "the bug is not noticed";
}

// Where the source itself has nothing to send, peers must not run from each other for long.
TEST(DeliveryTest, AfterAPauseOfTheSourceAllHaveThePicture) {
  World w(6);
  const size_t source = w.add_source(with_children(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  for (int i = 0; i < 5; ++i) w.add_peer(source, with_children(2));
  w.run_for(Duration::seconds(6));
  w.stop_publishing();
  w.run_for(Duration::seconds(20));
  w.publish_every(source, kFramePeriod, kFrameSize);
  w.run_for(Duration::seconds(4));
  for (size_t i = 1; i < w.size(); ++i) {
    EXPECT_LT(w.now() - w.node(i).shown.back().released, Duration::millis(500)) << "peer " << i;
    EXPECT_TRUE(w.node(i).ended.empty());
  }
}

TEST(DeliveryTest, WhoMakesUpAKeyOrTheEndLosesItsLinks) {
  for (const bool tombstone : {false, true}) {
    World w(7);
    const size_t source = w.add_source(with_children(2));
    w.publish_every(source, kFramePeriod, kFrameSize);
    std::vector<size_t> peers;
    for (int i = 0; i < 5; ++i) {
      peers.push_back(w.add_peer(source, with_children(3)));
      w.run_for(Duration::seconds(1));
    }
    ASSERT_GE(w.engine(peers[0]).stats(w.now()).children, 1);
    const uint8_t type = tombstone ? wire::body::State::kType : wire::body::EpochKey::kType;
    w.tap = [&](size_t from, size_t, std::vector<uint8_t>& m) {
      const auto envelope = from == peers[0] ? wire::parse_envelope(m) : std::nullopt;
      if (!envelope || envelope->bodies.empty()) return true;
      ByteSpan rest = envelope->bodies;
      const ByteSpan first = wire::take_body(rest);
      if (first[0] != type) return true;
      Bytes<wire::kMaxBodySize> made_up{};
      size_t size = first.size();
      std::ranges::copy(first, made_up.begin());
      if (tombstone)
        size = wire::encode_body(made_up, wire::body::Tombstone{});
      else
        made_up[size - 1] ^= 1;
      std::vector<uint8_t> out(kMaxMessageSize);
      wire::EnvelopeWriter writer(out, envelope->sequence, envelope->ack);
      EXPECT_TRUE(writer.add(ByteSpan(made_up).first(size)));
      out.resize(writer.size());
      m = out;
      return true;
    };
    w.run_for(Duration::seconds(20));
    EXPECT_EQ(w.engine(peers[0]).stats(w.now()).children, 0) << "tombstone " << tombstone;
    for (size_t i = 1; i < w.size(); ++i) EXPECT_TRUE(w.node(i).ended.empty());
  }
}

}  // namespace
}  // namespace swarmcast::node
