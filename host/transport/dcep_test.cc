#include "host/transport/dcep.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "host/transport/data_channels.h"

namespace swarmcast::transport {
namespace {

using Message = std::vector<uint8_t>;

// As Chromium writes it for createDataChannel("media", {ordered: false, maxRetransmits: 0}).
const Message kOpen = {0x03, 0x81, 0x01, 0x00, 0, 0, 0, 0, 0, 5, 0, 0, 'm', 'e', 'd', 'i', 'a'};

Message open_of(std::string_view label, bool ordered = false) {
  ChannelOpen open{.label = label};
  if (ordered) open.channel_type = 0;
  return write_dcep(open);
}

TEST(DcepTest, AnOpeningIsReadAndWritten) {
  const auto message = parse_dcep(kOpen);
  ASSERT_TRUE(message);
  const auto& open = std::get<ChannelOpen>(*message);
  EXPECT_EQ(open.label, "media");
  EXPECT_EQ(open.protocol, "");
  EXPECT_EQ(open.priority, 256);
  EXPECT_EQ(open.reliability, 0u);
  EXPECT_TRUE(open.unordered());
  EXPECT_EQ(write_dcep(open), kOpen);
}

TEST(DcepTest, AnAcknowledgementIsOneByte) {
  EXPECT_TRUE(std::holds_alternative<ChannelAck>(*parse_dcep(Message{0x02})));
  EXPECT_EQ(write_dcep(ChannelAck{}), Message{0x02});
  EXPECT_FALSE(parse_dcep(Message{0x02, 0x00}));
}

TEST(DcepTest, WhatIsNotExactlyAMessageIsRefused) {
  for (size_t size = 0; size < kOpen.size(); ++size) {
    EXPECT_FALSE(parse_dcep(ByteSpan(kOpen).first(size))) << size;
  }
  Message longer = kOpen;
  longer.push_back(0);
  EXPECT_FALSE(parse_dcep(longer));
  Message unknown = kOpen;
  unknown[0] = 0x04;
  EXPECT_FALSE(parse_dcep(unknown));
  unknown = kOpen;
  unknown[1] = 0x83;
  EXPECT_FALSE(parse_dcep(unknown));
}

TEST(DcepTest, GarbageIsReadSafely) {
  constexpr uint64_t kSeed = 5;
  Prng random(kSeed);
  for (int round = 0; round < 10'000; ++round) {
    Message message = kOpen;
    for (uint64_t n = random.below(4); n > 0; --n) {
      message[random.below(message.size())] = static_cast<uint8_t>(random.next());
    }
    message.resize(random.below(message.size() + 1));
    const auto parsed = parse_dcep(message);
    if (!parsed || !std::holds_alternative<ChannelOpen>(*parsed)) continue;
    EXPECT_EQ(write_dcep(std::get<ChannelOpen>(*parsed)), message) << "seed " << kSeed;
  }
}

TEST(DataChannelsTest, TheAgreedChannelsNeedNoWord) {
  const DataChannels channels(false, true);
  EXPECT_TRUE(channels.openings().empty());
  EXPECT_TRUE(channels.ready());
  EXPECT_EQ(channels.stream(Lane::kMedia), 0);
  EXPECT_EQ(channels.stream(Lane::kControl), 1);
  EXPECT_EQ(channels.lane(0), Lane::kMedia);
  EXPECT_EQ(channels.lane(1), Lane::kControl);
}

TEST(DataChannelsTest, APeersOneChannelCarriesBothLanes) {
  DataChannels channels(false, false);
  const auto answer = channels.receive(4, open_of("anything"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->stream, 4);
  EXPECT_EQ(answer->bytes, Message{0x02});
  EXPECT_EQ(channels.stream(Lane::kMedia), 4);
  EXPECT_EQ(channels.stream(Lane::kControl), 4);
  EXPECT_FALSE(channels.keeps_order());
}

TEST(DataChannelsTest, APeersTwoChannelsAreToldApartByTheirLabels) {
  for (const bool control_first : {false, true}) {
    DataChannels channels(false, false);
    channels.receive(control_first ? 2 : 0, open_of(control_first ? "control" : "media"));
    channels.receive(control_first ? 0 : 2, open_of(control_first ? "media" : "control"));
    EXPECT_EQ(channels.stream(Lane::kMedia), 0);
    EXPECT_EQ(channels.stream(Lane::kControl), 2);
    EXPECT_EQ(channels.lane(2), Lane::kControl);
    EXPECT_EQ(channels.lane(0), Lane::kMedia);
  }
}

TEST(DataChannelsTest, OurOwnChannelsAreReadyWhenBothAreAcknowledged) {
  for (const bool client : {false, true}) {
    DataChannels channels(true, client);
    const auto openings = channels.openings();
    ASSERT_EQ(openings.size(), 2u);
    EXPECT_EQ(openings[0].stream, client ? 0 : 1);
    EXPECT_EQ(openings[1].stream, client ? 2 : 3);
    EXPECT_FALSE(channels.ready());
    channels.receive(openings[0].stream, Message{0x02});
    EXPECT_FALSE(channels.ready());
    channels.receive(openings[1].stream, Message{0x02});
    EXPECT_TRUE(channels.ready());
    EXPECT_EQ(channels.stream(Lane::kControl), openings[1].stream);
  }
}

TEST(DataChannelsTest, AnOrderedChannelIsNoticedAndRepetitionsAreNot) {
  DataChannels channels(false, false);
  EXPECT_TRUE(channels.receive(0, open_of("media", true)));
  EXPECT_TRUE(channels.keeps_order());
  EXPECT_FALSE(channels.receive(0, open_of("control")));
  EXPECT_FALSE(channels.receive(kMaxStreams, open_of("media")));
  EXPECT_EQ(channels.stream(Lane::kControl), 0);
}

}  // namespace
}  // namespace swarmcast::transport
