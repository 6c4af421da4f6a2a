#include "engine/wire/envelope.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/wire/link_vectors_for_test.h"

namespace swarmcast::wire {
namespace {

std::string text(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Envelope, FromVector) {
  const auto bytes = link_vector("envelope of two bodies");
  auto view = parse_envelope(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->sequence, 65'535);
  EXPECT_EQ(view->ack, 0);
  EXPECT_EQ(to_string(*view), "envelope 65535, ack 0, 2 bodies");
  EXPECT_EQ(text(take_body(view->bodies)), "abc");
  EXPECT_EQ(text(take_body(view->bodies)), "d");
  EXPECT_TRUE(view->bodies.empty());
  EXPECT_TRUE(take_body(view->bodies).empty());
}

TEST(Envelope, PureAckFromVector) {
  const auto bytes = link_vector("envelope that only acknowledges");
  const auto view = parse_envelope(bytes);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->bodies.empty());
  Bytes<kMaxMessageSize> out;
  const EnvelopeWriter writer(out, 5, 0x0102);
  EXPECT_TRUE(equal(ByteSpan(out).first(writer.size()), bytes));
}

TEST(Envelope, RoundTripFillsUpToTheLastByte) {
  Prng random(2);
  for (int round = 0; round < 500; ++round) {
    Bytes<kMaxMessageSize> out;
    EnvelopeWriter writer(out, 7, 9);
    std::vector<std::vector<uint8_t>> bodies;
    for (;;) {
      std::vector<uint8_t> body(1 + random.below(round % 2 ? 40 : kMaxControlBody));
      for (auto& byte : body) byte = static_cast<uint8_t>(random.next());
      if (!writer.add(body)) break;
      bodies.push_back(body);
    }
    ASSERT_FALSE(bodies.empty());
    auto view = parse_envelope(ByteSpan(out).first(writer.size()));
    ASSERT_TRUE(view);
    for (const auto& body : bodies) EXPECT_TRUE(equal(take_body(view->bodies), body));
    EXPECT_TRUE(view->bodies.empty());
  }
}

TEST(Envelope, Malformed) {
  const auto good = link_vector("envelope of two bodies");
  for (size_t n = 0; n < good.size(); ++n) {
    const bool whole_bodies = n == kEnvelopeHeaderSize || n == kEnvelopeHeaderSize + 5;
    EXPECT_EQ(parse_envelope(ByteSpan(good).first(n)).has_value(), whole_bodies) << n;
  }
  auto bad = good;
  bad.insert(bad.end(), {0, 0});
  EXPECT_FALSE(parse_envelope(bad)) << "empty body";
  bad = good;
  bad[5] = 0xff;
  EXPECT_FALSE(parse_envelope(bad)) << "length beyond the end";
  std::vector<uint8_t> long_body(kEnvelopeHeaderSize + 2 + kMaxControlBody + 1);
  long_body[0] = kEnvelopeType;
  long_body[5] = (kMaxControlBody + 1) >> 8;
  long_body[6] = (kMaxControlBody + 1) & 0xff;
  EXPECT_FALSE(parse_envelope(long_body)) << "body too long";
  long_body.resize(kMaxMessageSize + 1);
  EXPECT_FALSE(parse_envelope(long_body)) << "message too long";
}

}  // namespace
}  // namespace swarmcast::wire
