#include "engine/link/reliable_channel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"

namespace swarmcast::link {
namespace {

std::vector<uint8_t> body(const std::string& text) { return {text.begin(), text.end()}; }

struct Side {
  // The envelope due at this moment; empty if there is none.
  std::vector<uint8_t> poll(Instant now) {
    std::vector<uint8_t> out(kMaxMessageSize);
    out.resize(channel.poll(out, now));
    return out;
  }
  bool take(ByteSpan message, Instant now) {
    const auto view = wire::parse_envelope(message);
    EXPECT_TRUE(view);
    return channel.on_envelope(*view, now);
  }
  std::string received() {
    std::string out;
    while (auto bytes = channel.receive()) out += std::string(bytes->begin(), bytes->end());
    return out;
  }
  ReliableChannel channel;
};

TEST(ReliableChannel, CarriesSeveralBodiesAndAcknowledgesLate) {
  Side a, b;
  EXPECT_TRUE(a.channel.send(body("one ")));
  EXPECT_TRUE(a.channel.send(body("two")));
  const auto envelope = a.poll(at(0));
  EXPECT_TRUE(a.poll(at(0)).empty());
  EXPECT_TRUE(b.take(envelope, at(20)));
  EXPECT_EQ(b.received(), "one two");
  EXPECT_TRUE(b.poll(at(20)).empty()) << "an answer may carry it";
  EXPECT_EQ(b.channel.next_timeout(), at(30));
  const auto ack = b.poll(at(30));
  ASSERT_FALSE(ack.empty());
  EXPECT_EQ(ack.size(), wire::kEnvelopeHeaderSize);
  EXPECT_TRUE(a.take(ack, at(50)));
  EXPECT_TRUE(a.channel.is_idle());
  EXPECT_TRUE(a.channel.next_timeout().is_never());
  EXPECT_TRUE(b.channel.next_timeout().is_never());
}

TEST(ReliableChannel, AnAnswerCarriesTheAcknowledgement) {
  Side a, b;
  EXPECT_TRUE(a.channel.send(body("question")));
  b.take(a.poll(at(0)), at(10));
  EXPECT_TRUE(b.channel.send(body("answer")));
  a.take(b.poll(at(12)), at(20));
  EXPECT_TRUE(a.channel.is_idle());
  EXPECT_TRUE(b.poll(at(100)).empty()) << "acknowledged already";
}

TEST(ReliableChannel, RepeatsWithBackoff) {
  Side a;
  a.channel.set_retransmit_timeout(ms(100));
  EXPECT_TRUE(a.channel.send(body("x")));
  std::vector<int64_t> sent;
  for (int64_t now = 0; now < 3'000; ++now)
    if (!a.poll(at(now)).empty()) sent.push_back(now);
  const std::vector<int64_t> wanted = {0, 100, 250, 475, 813, 1'313, 1'813, 2'313, 2'813};
  EXPECT_EQ(sent, wanted);
}

TEST(ReliableChannel, OutOfOrderIsAcknowledgedAtOnceAndRepeatedFast) {
  Side a, b;
  a.channel.set_retransmit_timeout(ms(400));
  std::vector<std::vector<uint8_t>> envelopes;
  for (const char* text : {"1", "2", "3", "4"}) {
    EXPECT_TRUE(a.channel.send(body(text)));
    envelopes.push_back(a.poll(at(0)));
  }
  for (size_t i = 1; i < 3; ++i) {  // the first is lost
    b.take(envelopes[i], at(10));
    const auto ack = b.poll(at(10));
    ASSERT_FALSE(ack.empty());
    a.take(ack, at(20));
  }
  EXPECT_EQ(b.received(), "");
  const auto repeat = a.poll(at(20));
  ASSERT_FALSE(repeat.empty()) << "two equal acknowledgements";
  b.take(repeat, at(30));
  EXPECT_EQ(b.received(), "1234");
}

TEST(ReliableChannel, DuplicatesAreDroppedAndAcknowledged) {
  Side a, b;
  EXPECT_TRUE(a.channel.send(body("x")));
  const auto envelope = a.poll(at(0));
  b.take(envelope, at(1));
  EXPECT_FALSE(b.poll(at(11)).empty());
  b.take(envelope, at(50));
  EXPECT_EQ(b.received(), "x");
  EXPECT_FALSE(b.poll(at(50)).empty());
}

TEST(ReliableChannel, QueueIsBounded) {
  Side a;
  const std::vector<uint8_t> big(wire::kMaxControlBody);
  int accepted = 0;
  while (a.channel.send(big)) ++accepted;
  EXPECT_EQ(accepted, 14);
  Side b;
  for (size_t i = 0; i < kMaxControlQueueBodies; ++i) EXPECT_TRUE(b.channel.send(body("x")));
  EXPECT_FALSE(b.channel.send(body("x")));
}

TEST(ReliableChannel, AHostileNeighbourIsBounded) {
  Side a;
  Bytes<kMaxMessageSize> out;
  wire::EnvelopeWriter far(out, 40'000, 0);
  far.add(body("far ahead"));
  EXPECT_TRUE(a.take(ByteSpan(out).first(far.size()), at(0)));
  EXPECT_EQ(a.received(), "");
  EXPECT_FALSE(a.poll(at(0)).empty()) << "told what is expected";
  const wire::EnvelopeWriter never_sent(out, 0, 1);
  EXPECT_FALSE(a.take(ByteSpan(out).first(never_sent.size()), at(0)));
  // More bodies than the window in one envelope: the first 32 count.
  wire::EnvelopeWriter many(out, 0, 0);
  while (many.add(body("y"))) continue;
  EXPECT_TRUE(a.take(ByteSpan(out).first(many.size()), at(0)));
  EXPECT_EQ(a.received(), std::string(kControlWindow, 'y'));
}

// A lane with loss, duplication and reordering between two sides.
struct Lane {
  Lane(Prng& prng, double loss_share) : random(prng), loss(loss_share) {}
  void send(std::vector<uint8_t> message, Instant now) {
    const int copies = random.chance(loss) ? 0 : random.chance(0.1) ? 2 : 1;
    for (int i = 0; i < copies; ++i)
      on_the_way.emplace(
          now + ms(20) + Duration::micros(static_cast<int64_t>(random.below(40'000))), message);
  }
  Prng& random;
  double loss;
  std::multimap<Instant, std::vector<uint8_t>> on_the_way;
};

void exchange(uint64_t seed, double loss, int messages) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", loss " + std::to_string(loss));
  Prng random(seed);
  Side sides[2];
  Lane lanes[2] = {{random, loss}, {random, loss}};
  uint64_t sent[2] = {}, received[2] = {};
  const auto total = static_cast<uint64_t>(messages);
  Instant now;
  for (Side& side : sides) side.channel.set_retransmit_timeout(ms(110));
  while (received[0] < total || received[1] < total || !sides[0].channel.is_idle() ||
         !sides[1].channel.is_idle()) {
    ASSERT_LT(now, Instant::from_ms(600'000)) << "no progress";
    for (int i = 0; i < 2; ++i) {
      Side& side = sides[i];
      for (auto& way = lanes[1 - i].on_the_way; !way.empty() && way.begin()->first <= now;) {
        ASSERT_TRUE(side.take(way.begin()->second, now));
        way.erase(way.begin());
        while (auto bytes = side.channel.receive()) {
          ASSERT_GE(bytes->size(), 8u);
          uint64_t number = 0;
          std::memcpy(&number, bytes->data(), 8);
          ASSERT_EQ(number, received[i]) << "exactly once, in order";
          ++received[i];
        }
      }
      while (sent[i] < total && side.channel.queued_bytes() < 8'000 && random.chance(0.7)) {
        std::vector<uint8_t> bytes(8 + random.below(random.chance(0.1) ? 1'092 : 60));
        std::memcpy(bytes.data(), &sent[i], 8);
        if (!side.channel.send(bytes)) break;
        ++sent[i];
      }
      for (auto out = side.poll(now); !out.empty(); out = side.poll(now)) lanes[i].send(out, now);
    }
    Instant next = now + ms(5);
    for (const Side& side : sides) next = std::min(next, side.channel.next_timeout());
    for (const Lane& lane : lanes)
      if (!lane.on_the_way.empty()) next = std::min(next, lane.on_the_way.begin()->first);
    now = std::max(next, now + Duration::micros(1));
  }
}

TEST(ReliableChannelProperty, ExactlyOnceInOrderUnderAnyLoss) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    exchange(seed, static_cast<double>(seed % 11) * 0.05, 200);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(ReliableChannelProperty, NumbersWrap) { exchange(7, 0.02, 70'000); }

}  // namespace
}  // namespace swarmcast::link
