// Sessions whose neighbour moves or begins anew, and those who pretend that it did.
#include <gtest/gtest.h>

#include "host/transport/hostile_for_test.h"

namespace swarmcast::transport {
namespace {

class MovingNeighbourTest : public TransportWorldTest {};

TEST_F(MovingNeighbourTest, ReplayedRecordsAreDropped) {
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, dialler, listener);
  box.sent.clear();
  for (uint8_t i = 0; i < 20; ++i) dialler.send(kTestDial, {0x40, i});
  ASSERT_TRUE(run_until(loop_, [&] { return listener.messages.size() == 20; }));
  const auto before = listener.transport->stats().unauthentic;
  const std::vector<Datagram> recorded = box.sent;
  for (int round = 0; round < 3; ++round) {
    for (const Datagram& d : recorded) box.to_listener(d);
  }
  settle(dialler, listener);
  EXPECT_EQ(listener.messages.size(), 21u);
  EXPECT_GE(listener.transport->stats().unauthentic - before, 60u);
}

TEST_F(MovingNeighbourTest, ALiveSessionFollowsItsNeighboursNewAddress) {
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, dialler, listener);
  settle(dialler, listener);
  for (int i = 0; i < 3; ++i) {
    box.rebind();
    settle(dialler, listener);
    settle(listener, dialler);  // and the answers find the new address
  }
  // The new address is known from then on: more messages cross than would be tried out.
  const size_t before = listener.messages.size();
  for (int i = 0; i < 600; ++i) {
    dialler.send(kTestDial, {0x40});
    if (i % 50 == 49) settle(dialler, listener);
  }
  EXPECT_EQ(listener.messages.size() - before, 600u + 12u);
  EXPECT_TRUE(listener.downs.empty() && dialler.downs.empty());
  EXPECT_EQ(listener.ups.size(), 1u);
}

TEST_F(MovingNeighbourTest, ACopyFromElsewhereDoesNotMoveTheSession) {
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, dialler, listener);
  box.sent.clear();
  for (uint8_t i = 0; i < 5; ++i) dialler.send(kTestDial, {0x40, i});
  ASSERT_TRUE(run_until(loop_, [&] { return listener.messages.size() == 5; }));
  RawSocket thief;
  for (const Datagram& d : box.sent) thief.send(listener.transport->local_endpoint(), d);
  for (Datagram d : box.sent) {  // with a number from the future, but then the tag is wrong
    d[10] = 0xff;
    thief.send(listener.transport->local_endpoint(), d);
  }
  settle(listener, dialler);
  settle(dialler, listener);
  settle(listener, dialler);
  EXPECT_FALSE(thief.receive());
}

TEST_F(MovingNeighbourTest, AnAuthenticRecordThatIsNotTheNewestDoesNotMoveTheSession) {
  // Kept back on its way, overtaken, then sent from elsewhere: right tag, never seen, yet old.
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, dialler, listener);
  Datagram kept;
  box.outbound = [&](size_t, Datagram& d) {
    kept = d;
    return false;
  };
  dialler.send(kTestDial, {0x40, 1});
  ASSERT_TRUE(run_until(loop_, [&] { return !kept.empty(); }));
  box.outbound = nullptr;
  settle(dialler, listener);
  RawSocket thief;
  thief.send(listener.transport->local_endpoint(), kept);
  ASSERT_TRUE(run_until(loop_, [&] { return listener.transport->stats().alien == 1; }));
  settle(listener, dialler);
  EXPECT_FALSE(thief.receive());
}

TEST_F(MovingNeighbourTest, ANeighbourThatBeginsAnewFromItsAddressReplacesItsOldLink) {
  Node listener(loop_);
  auto first = std::make_unique<Node>(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, *first, listener);
  box.outbound = [](size_t, Datagram&) { return false; };
  first.reset();  // its goodbye is lost
  run_for(loop_, Duration::millis(20));
  box.outbound = nullptr;
  Node second(loop_);
  link_through(box, second, listener);
  ASSERT_TRUE(run_until(loop_, [&] { return listener.ups.size() == 2; }));
  ASSERT_EQ(listener.downs.size(), 1u);
  EXPECT_EQ(listener.downs[0].id, listener.ups[0].id);
  EXPECT_EQ(listener.downs[0].reason, DownReason::kReplaced);
  settle(listener, second);
  settle(second, listener);
}

TEST_F(MovingNeighbourTest, AStrangerAtANeighboursAddressDoesNotDisturbTheLink) {
  // Only the STUN request and the ClientHello can be forged; the old link goes on meanwhile.
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, dialler, listener);
  Stranger stranger(listener.contact());
  box.to_listener(stranger.stun_request());
  box.to_listener(stranger.client_hello());
  settle(dialler, listener);
  EXPECT_EQ(listener.transport->half_open(), 1u);
  settle(listener, dialler);
  EXPECT_TRUE(listener.downs.empty() && dialler.downs.empty());
}

}  // namespace
}  // namespace swarmcast::transport
