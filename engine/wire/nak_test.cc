#include "engine/wire/nak.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/wire/link_vectors_for_test.h"

namespace swarmcast::wire {
namespace {

TEST(Nak, FromVector) {
  const auto bytes = link_vector("nak of two ranges, urgent");
  const auto nak = parse_nak(bytes);
  ASSERT_TRUE(nak);
  EXPECT_TRUE(nak->urgent);
  ASSERT_EQ(nak->ranges.list().size(), 2u);
  EXPECT_EQ(nak->ranges.list()[0], (SequenceRange{0xfffe, 4}));
  EXPECT_EQ(nak->ranges.list()[1], (SequenceRange{0x0100, 1}));
  EXPECT_EQ(nak->ranges.total(), 5u);
  Bytes<kMaxNakSize> out;
  EXPECT_TRUE(equal(ByteSpan(out).first(write_nak(out, *nak)), bytes));
  EXPECT_EQ(to_string(*nak), "urgent nak 65534+4 256+1");
}

TEST(Nak, LongestRangeFromVector) {
  const auto nak = parse_nak(link_vector("nak of the longest range"));
  ASSERT_TRUE(nak);
  EXPECT_FALSE(nak->urgent);
  EXPECT_EQ(nak->ranges.total(), kMaxSequenceRangeLength);
}

TEST(Settled, FromVector) {
  const auto bytes = link_vector("settled");
  const auto message = parse_settled(bytes);
  ASSERT_TRUE(message);
  Bytes<kMaxNakSize> out;
  EXPECT_TRUE(equal(ByteSpan(out).first(write_settled(out, *message)), bytes));
  EXPECT_NE(to_string(*message).find(" 4660+8"), std::string::npos);
  EXPECT_FALSE(parse_nak(bytes));
}

TEST(Nak, RoundTrip) {
  Prng random(1);
  for (int i = 0; i < 1'000; ++i) {
    Nak nak{.urgent = random.chance(0.5)};
    const size_t count = 1 + random.below(kMaxSequenceRanges);
    for (size_t n = 0; n < count; ++n)
      ASSERT_TRUE(nak.ranges.add(
          {static_cast<uint16_t>(random.next()), static_cast<uint16_t>(1 + random.below(256))}));
    Bytes<kMaxNakSize> out;
    const auto parsed = parse_nak(ByteSpan(out).first(write_nak(out, nak)));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, nak);
  }
}

TEST(Nak, AddMergesConsecutiveNumbersAcrossTheWrap) {
  SequenceRanges ranges;
  for (uint16_t sequence : {65'534, 65'535, 0, 1, 3}) EXPECT_TRUE(ranges.add(sequence));
  ASSERT_EQ(ranges.list().size(), 2u);
  EXPECT_EQ(ranges.list()[0], (SequenceRange{65'534, 4}));
  EXPECT_EQ(ranges.list()[1], (SequenceRange{3, 1}));
}

TEST(Nak, ListIsBounded) {
  SequenceRanges ranges;
  for (size_t i = 0; i < kMaxSequenceRanges; ++i)
    EXPECT_TRUE(ranges.add(static_cast<uint16_t>(2 * i)));
  EXPECT_FALSE(ranges.add(uint16_t{1'000}));
  EXPECT_TRUE(ranges.add(static_cast<uint16_t>(2 * kMaxSequenceRanges - 1))) << "extends the last";
  SequenceRanges run;
  for (int i = 0; i < 300; ++i) EXPECT_TRUE(run.add(static_cast<uint16_t>(i)));
  EXPECT_EQ(run.list().size(), 2u);
  EXPECT_FALSE(run.add(SequenceRange{0, 0}));
  EXPECT_FALSE(run.add(SequenceRange{0, 257}));
}

TEST(Nak, Malformed) {
  auto good = link_vector("nak of two ranges, urgent");
  for (size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(parse_nak(ByteSpan(good).first(n))) << n;
  auto bad = good;
  bad.push_back(0);
  EXPECT_FALSE(parse_nak(bad)) << "trailing byte";
  bad = good;
  bad[1] = 0x80;
  EXPECT_FALSE(parse_nak(bad)) << "unknown flag";
  const uint8_t empty[] = {kNakType, 0, 0};
  EXPECT_FALSE(parse_nak(empty));
  std::vector<uint8_t> many(kNakHeaderSize + 33 * kSequenceRangeSize);
  many[0] = kNakType;
  many[2] = 33;
  EXPECT_FALSE(parse_nak(many)) << "too many ranges";
  auto settled = link_vector("settled");
  settled[1] = kNakUrgentFlag;
  EXPECT_FALSE(parse_settled(settled)) << "a flag of the NAK only";
}

}  // namespace
}  // namespace swarmcast::wire
