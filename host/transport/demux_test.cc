#include "host/transport/demux.h"

#include <gtest/gtest.h>

#include <vector>

namespace swarmcast::transport {
namespace {

TEST(DemuxTest, ClassifiesByTheFirstByte) {
  for (int first = 0; first < 256; ++first) {
    const uint8_t byte[] = {static_cast<uint8_t>(first)};
    const PacketKind expected = first <= 3                   ? PacketKind::kStun
                                : first >= 20 && first <= 63 ? PacketKind::kDtls
                                                             : PacketKind::kOther;
    EXPECT_EQ(classify(byte), expected) << first;
  }
  EXPECT_EQ(classify({}), PacketKind::kOther);
}

TEST(DemuxTest, CutsADatagramIntoRecords) {
  std::vector<uint8_t> datagram = {22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 2, 0xaa, 0xbb,
                                   23, 0xfe, 0xfd, 0, 1, 1, 2, 3, 4, 5, 6, 0, 1, 0xcc};
  MutableByteSpan rest = datagram;
  const auto first = next_record(rest);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, DtlsRecord::kHandshake);
  EXPECT_EQ(first->epoch, 0);
  EXPECT_EQ(first->sequence, 5u);
  EXPECT_EQ(first->fragment().size(), 2u);
  const auto second = next_record(rest);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->type, DtlsRecord::kData);
  EXPECT_EQ(second->epoch, 1);
  EXPECT_EQ(second->sequence, 0x010203040506u);
  EXPECT_EQ(second->fragment()[0], 0xcc);
  EXPECT_FALSE(next_record(rest));
}

TEST(DemuxTest, RefusesWhatIsCutOrForeign) {
  const std::vector<uint8_t> good = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xcc};
  auto parses = [](std::vector<uint8_t> bytes) {
    MutableByteSpan rest = bytes;
    const bool ok = next_record(rest).has_value();
    EXPECT_TRUE(rest.empty()) << "the rest of a broken datagram must not be read";
    return ok;
  };
  EXPECT_TRUE(parses(good));
  for (size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(parses({good.begin(), good.begin() + n}));
  for (auto [at, value] : {std::pair<size_t, uint8_t>{0, 24}, {0, 19}, {1, 3}, {12, 2}, {11, 1}}) {
    auto bad = good;
    bad[at] = value;
    EXPECT_FALSE(parses(bad)) << at;
  }
}

}  // namespace
}  // namespace swarmcast::transport
