// Data-channel links against neighbours that know the swarm's secret and are hostile all the same.
#include <gtest/gtest.h>
#include <malloc.h>

#include "engine/base/random.h"
#include "host/transport/page_for_test.h"
#include "host/transport/sctp_packets_for_test.h"

namespace swarmcast::transport {
namespace {

size_t heap() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

class HostileDataChannelTest : public testing::Test {
 protected:
  void dial(Page& page) {
    const size_t before = listener_.ups.size();
    page.dial();
    ASSERT_TRUE(run_until(loop_, [&] { return page.up() && listener_.ups.size() > before; }));
  }
  void open(Page& page) {
    ASSERT_NO_FATAL_FAILURE(dial(page));
    page.open();
    ASSERT_TRUE(run_until(loop_, [&] { return page.opened == 1; }));
  }
  // An honest neighbour's message still gets through, after all that was sent before it.
  void expect_service(Page& honest) {
    const size_t before = listener_.messages.size();
    ASSERT_TRUE(honest.sctp().send(Lane::kMedia, Datagram{0x21}));
    ASSERT_TRUE(run_until(loop_,
                          [&] {
                            return listener_.messages.size() > before &&
                                   listener_.messages.back() == Datagram{0x21};
                          }))
        << "seed " << kSeed;
  }
  void let_pass(int round, Page& honest) {
    if (round % 64 == 63) expect_service(honest);
  }
  static constexpr uint64_t kSeed = 71;
  Prng random_{kSeed};
  Loop loop_;
  Node listener_{loop_};
};

// The tag that the listener expects from this page: that of the page's own last packet.
uint32_t tag_of(const Page& page) {
  ByteReader reader(ByteSpan(page.last_packet).subspan(kSctpTagOffset));
  return reader.u32();
}

SctpBytes noise(Prng& random, size_t size) {
  SctpBytes out(size);
  for (uint8_t& b : out) b = static_cast<uint8_t>(random.next());
  return out;
}

TEST_F(HostileDataChannelTest, AFloodOfInitsCostsNoMemoryAndIsAnsweredWithLittle) {
  Page honest(loop_, listener_.contact()), flooder(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(honest));
  ASSERT_NO_FATAL_FAILURE(dial(flooder));
  size_t before = 0;
  for (int round = 0; round < 4'000; ++round) {
    SctpBytes init = init_chunk(SctpChunk::kInit, static_cast<uint32_t>(random_.next()), true);
    for (size_t i = 4; i < 8; ++i) init[i] = static_cast<uint8_t>(1 + random_.below(255));
    flooder.send_in_dtls(sctp_packet({init}, 0));
    let_pass(round, honest);
    flooder.packets.clear();
    if (round == 500) before = heap();
  }
  EXPECT_LT(heap(), before + 100'000);
  EXPECT_LE(flooder.bytes_received, 12 * flooder.bytes_sent) << "an INIT ACK holds a cookie";
  EXPECT_EQ(listener_.ups.size(), 2u);
}

TEST_F(HostileDataChannelTest, ForgedCookiesOpenNothing) {
  Page honest(loop_, listener_.contact()), forger(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(honest));
  ASSERT_NO_FATAL_FAILURE(dial(forger));
  forger.send_in_dtls(sctp_packet({init_chunk(SctpChunk::kInit, 1, true)}, 0));
  ASSERT_TRUE(run_until(loop_, [&] { return forger.packets.size() >= 2; }));
  // The real cookie, changed; and cookies of nothing.
  SctpBytes cookie;
  for (const Datagram& packet : forger.packets) {
    const auto chunk = SctpChunks(packet).next();
    if (chunk->type != SctpChunk::kInitAck) continue;
    cookie.assign(chunk->bytes.begin() + 24, chunk->bytes.end());
  }
  ASSERT_FALSE(cookie.empty());
  for (int round = 0; round < 2'000; ++round) {
    SctpBytes forged = round % 2 == 0 ? cookie : noise(random_, random_.below(1'100));
    if (round % 2 == 0) forged[random_.below(forged.size())] ^= 1 + random_.below(255);
    forger.send_in_dtls(
        sctp_packet({raw_chunk(SctpChunk::kCookieEcho, forged), data_chunk(1, {.payload = 20})},
                    static_cast<uint32_t>(random_.next())));
    let_pass(round, honest);
  }
  for (const Datagram& message : listener_.messages) EXPECT_EQ(message, Datagram{0x21});
}

TEST_F(HostileDataChannelTest, GarbageChunksOfAnEstablishedPeerHarmOnlyItself) {
  Page honest(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(honest));
  constexpr uint8_t kTypes[] = {0,  1,  2,  3,  4,  5,   6,   7,   8,  9,
                                10, 11, 14, 15, 64, 128, 130, 192, 193};
  for (int attacker = 0; attacker < 20; ++attacker) {
    Page hostile(loop_, listener_.contact());
    ASSERT_NO_FATAL_FAILURE(open(hostile));
    for (int round = 0; round < 200; ++round) {
      std::vector<SctpBytes> chunks;
      for (uint64_t n = 1 + random_.below(4); n > 0; --n) {
        SctpBytes chunk =
            raw_chunk(kTypes[random_.below(std::size(kTypes))], noise(random_, random_.below(60)),
                      static_cast<uint8_t>(random_.next()));
        if (random_.chance(0.1)) chunk[3] = static_cast<uint8_t>(random_.next());
        chunks.push_back(chunk);
      }
      hostile.send_in_dtls(sctp_packet(chunks, tag_of(hostile)));
      if (round % 50 == 49) expect_service(honest);
    }
    hostile.leave();
  }
  for (const Datagram& message : listener_.messages) EXPECT_LE(message.size(), kMaxMessageSize);
}

// Fragments of messages that never end, each with the smallest payload: the most to keep for the
// least.
TEST_F(HostileDataChannelTest, WhatAPeerCanMakeUsKeepIsLimited) {
  for (const bool far_apart : {false, true}) {
    Page hostile(loop_, listener_.contact()), honest(loop_, listener_.contact());
    ASSERT_NO_FATAL_FAILURE(open(honest));
    ASSERT_NO_FATAL_FAILURE(open(hostile));
    ASSERT_TRUE(hostile.sctp().send(Lane::kMedia, Datagram{0x21}));
    const SctpData first = parse_data(*SctpChunks(hostile.last_packet).next());
    const size_t before = heap();
    for (uint32_t round = 0; round < 20'000; ++round) {
      const uint32_t tsn = first.tsn + 2 + round * (far_apart ? 2 : 1);
      hostile.send_in_dtls(sctp_packet(
          {data_chunk(tsn, {.flags = SctpData::kUnordered, .payload = 1})}, tag_of(hostile)));
      if (round % 64 == 63) {
        ASSERT_NO_FATAL_FAILURE(expect_service(honest));
        hostile.packets.clear();
      }
    }
    EXPECT_LT(heap(), before + 600'000) << (far_apart ? "far apart" : "side by side");
  }
}

TEST_F(HostileDataChannelTest, TsnsAndAcknowledgementsOfAnotherWorldEndNothingElse) {
  Page honest(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(honest));
  for (int attacker = 0; attacker < 10; ++attacker) {
    Page hostile(loop_, listener_.contact());
    ASSERT_NO_FATAL_FAILURE(open(hostile));
    for (int round = 0; round < 100; ++round) {
      const uint32_t any = static_cast<uint32_t>(random_.next());
      const uint16_t start = static_cast<uint16_t>(random_.next());
      SctpBytes forward(kForwardTsnSize);
      ByteWriter writer(forward);
      write_forward_tsn(writer, any);
      const SctpBytes chunks[] = {sack_chunk(any, {{start, 0xffff}, {2, start}}), forward,
                                  data_chunk(any, {.payload = 4}), sack_chunk(any, {{2, 2}}, 200)};
      hostile.send_in_dtls(sctp_packet({chunks[random_.below(4)]}, tag_of(hostile)));
      listener_.transport->send(listener_.link(), Lane::kMedia, Datagram(100, 0x22));
      listener_.transport->flush();
    }
    expect_service(honest);
  }
}

TEST_F(HostileDataChannelTest, AClientHelloInPartsAmplifiesNoMoreThanAWholeOne) {
  NativeLimits limits;
  limits.half_open_life = Duration::millis(800);
  Node listener(loop_, limits);
  Page victim(loop_, listener.contact());
  victim.silent = true;
  victim.dial(true);
  ASSERT_TRUE(run_until(loop_, [&] { return listener.transport->half_open() == 1; }));
  while (listener.transport->half_open() != 0) run_for(loop_, Duration::millis(50));
  EXPECT_LE(victim.bytes_received, 3 * victim.bytes_sent);
  EXPECT_GT(victim.bytes_received, victim.bytes_sent) << "the test has not seen an answer";
}

TEST_F(HostileDataChannelTest, OneDialFromManyAddressesIsOneOfManyHalfOpenOnes) {
  Node listener(loop_, {}, "0.0.0.0:0");
  Contact contact = listener.contact();
  contact.endpoint.ip = parse_address("127.0.0.1")->ip;
  Page page(loop_, contact);
  const Datagram request = page.request();
  for (int network = 1; network <= 40; ++network) {
    for (int host = 1; host <= 16; ++host) {
      RawSocket socket("127.9." + std::to_string(network) + "." + std::to_string(host) + ":0");
      socket.send(contact.endpoint, request);
    }
    run_for(loop_, Duration::millis(1));
  }
  EXPECT_EQ(listener.transport->half_open(), 256u);
  EXPECT_TRUE(listener.ups.empty());
}

}  // namespace
}  // namespace swarmcast::transport
