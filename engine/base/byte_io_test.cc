#include "engine/base/byte_io.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/random.h"

namespace swarmcast {
namespace {

TEST(ByteWriter, IsBigEndian) {
  Bytes<23> out{};
  ByteWriter writer(out);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090a);
  writer.u40(0x0b0c0d0e0f);
  writer.u64(0x1011121314151617);
  EXPECT_EQ(writer.space(), 0u);
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], i + 1);
  ByteReader reader(out);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u24(), 0x040506u);
  EXPECT_EQ(reader.u32(), 0x0708090au);
  EXPECT_EQ(reader.u40(), 0x0b0c0d0e0fu);
  EXPECT_EQ(reader.u64(), 0x1011121314151617u);
  EXPECT_TRUE(reader.finished());
}

TEST(ByteReader, ReadsPastTheEndAreZeroAndRemembered) {
  const uint8_t bytes[] = {1, 2, 3};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u16(), 0x0102);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.finished()) << "a byte is left";
  EXPECT_EQ(reader.u16(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0) << "nothing comes after a failure, not even what was there";
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.finished());
}

TEST(ByteReader, BytesAndArrays) {
  const uint8_t bytes[] = {1, 2, 3, 4, 5};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.array<2>(), (Bytes<2>{1, 2}));
  EXPECT_EQ(reader.rest().size(), 3u);
  EXPECT_TRUE(equal(reader.bytes(3), ByteSpan(bytes).last(3)));
  EXPECT_TRUE(reader.bytes(0).empty());
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(reader.array<2>(), (Bytes<2>{0, 0}));
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, AHugeLengthIsNoOverflow) {
  const uint8_t bytes[] = {1};
  ByteReader reader(bytes);
  EXPECT_TRUE(reader.bytes(~size_t{0}).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteWriter, HighBitsAreCutOff) {
  Bytes<1> out{};
  ByteWriter(out).u8(0x1ff);
  EXPECT_EQ(out[0], 0xff);
}

TEST(ByteWriterDeathTest, WritingPastTheEndIsOurFault) {
  Bytes<2> out{};
  ByteWriter writer(out);
  writer.u8(0);
  EXPECT_DEATH(writer.u16(0), "");
  const uint8_t two[] = {1, 2};
  EXPECT_DEATH(writer.bytes(two), "");
}

TEST(ByteIo, RoundTrip) {
  Prng random(1);
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t a = random.next() >> 24;
    const uint64_t b = random.next();
    Bytes<13> out{};
    ByteWriter writer(out);
    writer.u40(a);
    writer.u64(b);
    ByteReader reader(writer.written());
    EXPECT_EQ(reader.u40(), a);
    EXPECT_EQ(reader.u64(), b);
  }
}

}  // namespace
}  // namespace swarmcast
