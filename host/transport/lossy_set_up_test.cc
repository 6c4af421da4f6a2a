// Links that come up though packets are lost or overtake each other.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "host/transport/hostile_for_test.h"

namespace swarmcast::transport {
namespace {

class LossySetUpTest : public TransportWorldTest {};

struct Loss {
  bool outbound;
  size_t number;
};

class LossTest : public LossySetUpTest, public testing::WithParamInterface<Loss> {};

TEST_P(LossTest, TheLinkComesUpAllTheSame) {
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  auto lose = [](size_t number, Datagram&) { return number != GetParam().number; };
  (GetParam().outbound ? box.outbound : box.inbound) = lose;
  const Instant start = Loop::now();
  link_through(box, dialler, listener);
  EXPECT_LT(Loop::now() - start, Duration::millis(2'000));  // one retransmission takes 100
  settle(dialler, listener);
  settle(listener, dialler);
  EXPECT_TRUE(listener.downs.empty() && dialler.downs.empty());
}

INSTANTIATE_TEST_SUITE_P(EveryPacketOfTheSetUp, LossTest,
                         testing::Values(Loss{true, 0}, Loss{true, 1}, Loss{true, 2},
                                         Loss{false, 0}, Loss{false, 1}, Loss{false, 2}));

TEST_F(LossySetUpTest, TheLinkComesUpAtHeavyLoss) {
  constexpr uint64_t kSeed = 9;
  Prng random(kSeed);
  for (int round = 0; round < 4; ++round) {
    Node listener(loop_), dialler(loop_);
    Middlebox box(loop_, listener.transport->local_endpoint());
    box.outbound = box.inbound = [&](size_t, Datagram&) { return !random.chance(0.2); };
    link_through(box, dialler, listener);
  }
}

TEST_F(LossySetUpTest, AClientHelloAheadOfItsStunRequestWaitsForIt) {
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  Datagram held;
  box.outbound = [&](size_t number, Datagram& d) {
    if (number == 0) held = d;
    if (number == 1) {
      box.to_listener(d);
      box.to_listener(held);
    }
    // What is sent again is lost: the first ClientHello must have been kept.
    constexpr uint8_t kClientHello = 1;
    const bool again = classify(d) == PacketKind::kStun || d[kRecordHeaderSize] == kClientHello;
    return number > 1 && !again;
  };
  link_through(box, dialler, listener);
}

}  // namespace
}  // namespace swarmcast::transport
