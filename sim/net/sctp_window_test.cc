#include "sim/net/sctp_window.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"
#include "sim/net/loss_model.h"

namespace swarmcast::sim {
namespace {

constexpr size_t kMessage = 1'100;

// Mbit/s that arrive within a minute at a round trip of 60 ms, if there is always more to send.
// Losses both ways.
double delivered(double loss) {
  constexpr Duration kOneWay = Duration::millis(30);
  const Instant end = Instant::from_ms(60'000);
  SctpSender sender;
  SctpReceiver receiver;
  LossModel there, back;
  EXPECT_TRUE(there.set(loss, 1) && back.set(loss, 1));
  Prng prng(1);
  struct Packet {
    uint32_t tsn, given_up_below;
  };
  std::multimap<Instant, Packet> data;
  std::multimap<Instant, SctpAck> acks;
  uint64_t bytes = 0;
  Instant now = Instant::from_ms(0), ack_due = Instant::never(), line_free = now;
  while (now < end) {
    while (sender.may_send(kMessage)) {
      line_free = std::max(line_free, now) + Duration::micros(88);  // 100 Mbit/s
      const uint32_t tsn = sender.on_sent(now, kMessage);
      if (!there.lose(prng)) data.insert({line_free + kOneWay, {tsn, sender.given_up_below()}});
    }
    Instant next = std::min(sender.timeout(), ack_due);
    if (!data.empty()) next = std::min(next, data.begin()->first);
    if (!acks.empty()) next = std::min(next, acks.begin()->first);
    now = std::max(now, next);
    bool ack = now >= ack_due;
    if (!data.empty() && data.begin()->first <= now) {
      const Packet p = data.begin()->second;
      data.erase(data.begin());
      const auto verdict = receiver.on_data(p.tsn, p.given_up_below);
      bytes += verdict.fresh ? kMessage : 0;
      ack |= verdict.ack_now;
      if (receiver.owes_ack() && ack_due.is_never()) ack_due = now + kSctpAckDelay;
    } else if (!acks.empty() && acks.begin()->first <= now) {
      const SctpAck a = acks.begin()->second;
      acks.erase(acks.begin());
      sender.on_ack(now, a);
    } else if (now >= sender.timeout()) {
      sender.on_timeout(now);
    }
    if (ack) {
      ack_due = Instant::never();
      const SctpAck a = receiver.ack();
      if (!back.lose(prng)) acks.insert({now + kOneWay, a});
    }
  }
  return static_cast<double>(bytes) * 8 / 60e6;
}

// What real associations of Chromium delivered at that round trip (docs/simulate.md).
TEST(SctpWindowTest, CarriesAsMuchAsTheRealOne) {
  EXPECT_GT(delivered(0.001), 4);
  EXPECT_NEAR(delivered(0.01), 2.1, 0.6);
  EXPECT_NEAR(delivered(0.05), 0.67, 0.2);
  EXPECT_NEAR(delivered(0.10), 0.53, 0.2);
}

TEST(SctpWindowTest, WhatIsLostIsGivenUpAndNotWaitedFor) {
  SctpSender sender;
  SctpReceiver receiver;
  Instant now = Instant::from_ms(0);
  for (uint32_t i = 0; i < 5; ++i) sender.on_sent(now, kMessage);
  const size_t before = sender.window();
  now = Instant::from_ms(60);
  for (uint32_t tsn = 1; tsn < 5; ++tsn) {
    EXPECT_TRUE(receiver.on_data(tsn, 0).ack_now);  // behind a gap
    sender.on_ack(now, receiver.ack());
  }
  EXPECT_EQ(sender.given_up_below(), 5u);
  EXPECT_LT(sender.window(), before);
  EXPECT_TRUE(receiver.on_data(sender.on_sent(now, kMessage), sender.given_up_below()).fresh);
  EXPECT_EQ(receiver.ack().next, 6u);
  EXPECT_FALSE(receiver.on_data(0, 5).fresh);  // too late
}

TEST(SctpWindowTest, SilenceTakesTheWindowDownToOnePacket) {
  SctpSender sender;
  const Instant now = Instant::from_ms(0);
  while (sender.may_send(kMessage)) sender.on_sent(now, kMessage);
  const Instant timeout = sender.timeout();
  EXPECT_GE(timeout - now, Duration::millis(400));
  sender.on_timeout(timeout);
  EXPECT_TRUE(sender.timeout().is_never());
  EXPECT_TRUE(sender.may_send(kMessage));
  sender.on_sent(timeout, kMessage);
  EXPECT_FALSE(sender.may_send(kMessage));
}

}  // namespace
}  // namespace swarmcast::sim
