#include "engine/chunk/fragmenter.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/random.h"

namespace swarmcast::chunk {
namespace {

FrameHeader header_of(uint32_t size, uint8_t k, uint8_t r) {
  return {.sealed_size = size, .k = k, .r = r};
}

TEST(Fragmenter, ChoosesTheFewestFragmentsThatFit) {
  for (uint8_t r : {0, 1, 3, 20, 55}) {
    for (uint32_t size = kAeadTagSize + 1; size <= kMaxSealedFrameSize;
         size += size < 9'000 ? 1 : 997) {
      const auto k = source_fragments(size, r);
      ASSERT_TRUE(k) << size << " bytes, r = " << int{r};
      ASSERT_LE(fragment_message_size(header_of(size, *k, r)), kMaxFragmentMessageSize);
      if (*k > 1) {
        ASSERT_GT(fragment_message_size(header_of(size, *k - 1, r)), kMaxFragmentMessageSize);
      }
      // Every source fragment carries something.
      ASSERT_LT((*k - 1) * header_of(size, *k, r).fragment_payload(), size);
    }
  }
}

TEST(Fragmenter, LargestFrameAndBeyond) {
  EXPECT_TRUE(source_fragments(kMaxSealedFrameSize, 55));
  EXPECT_FALSE(source_fragments(kMaxSealedFrameSize + 1, 0));
  EXPECT_FALSE(source_fragments(kMaxSealedFrameSize, 100)) << "k + r over the limit";
  EXPECT_FALSE(source_fragments(kAeadTagSize, 0)) << "nothing sealed";
}

TEST(Fragmenter, HeaderFollowsTheFrame) {
  const std::vector<uint8_t> payload(5'000);
  EncodedFrame frame{.track = kVideoTrack,
                     .number = FrameNumber(9),
                     .index_in_chunk = 1,
                     .temporal_id = 2,
                     .depends_on = 1,
                     .capture = StreamTime::from_ms(450),
                     .payload = payload};
  const auto header = make_frame_header(frame, EpochNumber(0x105), 2);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->id, (FrameId{kVideoTrack, FrameNumber(9)}));
  EXPECT_EQ(header->chunk(), ChunkId(8));
  EXPECT_EQ(header->epoch, 5);
  EXPECT_EQ(header->sealed_size, 5'016u);
  EXPECT_EQ(header->k, 5);
  EXPECT_EQ(header->r, 2);
  frame.depends_on = 0;
  EXPECT_FALSE(make_frame_header(frame, EpochNumber(0), 0)) << "neither key nor reference";
  frame.key = true;
  EXPECT_TRUE(make_frame_header(frame, EpochNumber(0), 0));
  frame.payload = {};
  EXPECT_FALSE(make_frame_header(frame, EpochNumber(0), 0)) << "empty";
}

TEST(Fragmenter, PayloadsHoldTheFrameAndZeroes) {
  Prng random(4);
  for (int round = 0; round < 300; ++round) {
    std::vector<uint8_t> sealed(17 + random.below(20'000));
    for (auto& byte : sealed) byte = static_cast<uint8_t>(random.next() | 1);
    FrameHeader header{.sealed_size = static_cast<uint32_t>(sealed.size()), .r = 3};
    header.k = *source_fragments(header.sealed_size, header.r);
    std::vector<uint8_t> coded(coded_size(header), 0xee);
    if (round % 2) {  // sealed in place
      std::copy(sealed.begin(), sealed.end(), coded.begin());
      lay_out_source(header, ByteSpan(coded).first(sealed.size()), coded);
    } else {
      lay_out_source(header, sealed, coded);
    }
    std::vector<uint8_t> joined;
    for (uint8_t i = 0; i < header.k; ++i) {
      const auto payload = coded_payload(header, coded, i);
      ASSERT_EQ(payload.size(), header.fragment_payload());
      joined.insert(joined.end(), payload.begin(), payload.end());
    }
    ASSERT_TRUE(equal(ByteSpan(joined).first(sealed.size()), sealed));
    for (size_t i = sealed.size(); i < joined.size(); ++i) ASSERT_EQ(joined[i], 0);
    ASSERT_EQ(coded_payload(header, coded, header.k)[0], 0xee) << "parity is left alone";
  }
}

}  // namespace
}  // namespace swarmcast::chunk
