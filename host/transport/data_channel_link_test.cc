// Links that a page dials: the native transport seen from a browser.
#include <gtest/gtest.h>

#include "host/transport/page_for_test.h"
#include "host/transport/sctp_packets_for_test.h"

namespace swarmcast::transport {
namespace {

class DataChannelLinkTest : public testing::Test {
 protected:
  void dial(Page& page, bool cut_hello = false) {
    const size_t before = listener_.ups.size();
    page.dial(cut_hello);
    ASSERT_TRUE(run_until(loop_, [&] { return page.up() && listener_.ups.size() == before + 1; }));
  }
  void open(Page& page, const SctpOptions& options = {.dtls_client = true}) {
    ASSERT_NO_FATAL_FAILURE(dial(page));
    page.open(options);
    ASSERT_TRUE(run_until(loop_, [&] { return page.opened == 1; }));
  }
  // A message each way.
  void talk(Page& page) {
    const size_t before = listener_.messages.size(), page_before = page.messages.size();
    EXPECT_TRUE(page.sctp().send(Lane::kControl, Datagram{0x30, 1}));
    ASSERT_TRUE(run_until(loop_, [&] { return listener_.messages.size() > before; }));
    EXPECT_EQ(listener_.messages.back(), (Datagram{0x30, 1}));
    EXPECT_TRUE(listener_.transport->send(listener_.link(), Lane::kMedia, largest_));
    listener_.transport->flush();
    ASSERT_TRUE(run_until(loop_, [&] { return page.messages.size() > page_before; }));
    EXPECT_EQ(page.messages.back(), largest_);
  }
  Loop loop_;
  Node listener_{loop_};
  const Datagram largest_ = Datagram(kMaxMessageSize, 0x20);
};

TEST_F(DataChannelLinkTest, MessagesCrossBothWays) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(page));
  talk(page);
  EXPECT_EQ(listener_.ups.size(), 1u);
  EXPECT_FALSE(listener_.ups[0].ours);
  EXPECT_EQ(listener_.ups[0].remote, page.session().local_fingerprint());
}

TEST_F(DataChannelLinkTest, ChannelsThatThePageOpensAreServed) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(page, {.dtls_client = true, .open_channels = true}));
  talk(page);
}

TEST_F(DataChannelLinkTest, AClientHelloInTwoDatagramsIsUnderstood) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(dial(page, true));
}

TEST_F(DataChannelLinkTest, NativeAndPageNeighboursLiveSideBySide) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(page));
  Node native(loop_);
  native.transport->dial(kTestDial, listener_.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return !native.ups.empty() && listener_.ups.size() == 2; }));
  native.send(kTestDial, {0x31});
  page.sctp().send(Lane::kMedia, Datagram{0x32});
  ASSERT_TRUE(run_until(loop_, [&] { return listener_.messages.size() == 2; }));
}

TEST_F(DataChannelLinkTest, EachSidesGoodbyeIsHeard) {
  Page first(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(first));
  first.sctp().close();
  ASSERT_TRUE(run_until(loop_, [&] { return listener_.downs.size() == 1; }));
  EXPECT_EQ(listener_.downs[0].reason, DownReason::kClosedByPeer);
  Page second(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(second));
  listener_.transport->close(listener_.link());
  ASSERT_TRUE(run_until(loop_, [&] { return second.closed == 1; }));
  EXPECT_EQ(listener_.downs.size(), 1u);
}

TEST_F(DataChannelLinkTest, TheLinkMayBeClosedFromWithinAMessage) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(page));
  listener_.when_message = [&](LinkId link, ByteSpan) { listener_.transport->close(link); };
  page.sctp().send(Lane::kMedia, Datagram{0x31});
  page.sctp().send(Lane::kMedia, Datagram{0x32});
  ASSERT_TRUE(run_until(loop_, [&] { return page.closed == 1; }));
  EXPECT_EQ(listener_.messages.size(), 1u);
}

TEST_F(DataChannelLinkTest, ConsentIsGivenForAsLongAsTheLinkLives) {
  NativeLimits limits;
  limits.tick = Duration::millis(20);
  limits.silence = Duration::seconds(1);
  Node listener(loop_, limits);
  Page page(loop_, listener.contact());
  page.dial();
  ASSERT_TRUE(run_until(loop_, [&] { return page.up() && !listener.ups.empty(); }));
  for (int i = 0; i < 12; ++i) {  // longer than that nothing else is sent
    const size_t before = page.stun_answers;
    page.ask();
    ASSERT_TRUE(run_until(loop_, [&] { return page.stun_answers > before; }));
    run_for(loop_, Duration::millis(100));
  }
  EXPECT_TRUE(listener.downs.empty());
  ASSERT_TRUE(run_until(loop_, [&] { return !listener.downs.empty(); }));
  EXPECT_EQ(listener.downs[0].reason, DownReason::kSilence);
}

TEST_F(DataChannelLinkTest, OnlyAnAssociationsBeginningMakesADataChannelLink) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(dial(page));
  const uint64_t before = listener_.transport->stats().alien;
  SctpBytes forged = sctp_packet({init_chunk(SctpChunk::kInit, 1, true)}, 0);
  forged[8] ^= 1;
  page.send_in_dtls(forged);
  page.send_in_dtls(sctp_packet({data_chunk(1, {})}));
  page.send_in_dtls(Datagram{0x33});
  ASSERT_TRUE(run_until(loop_, [&] { return !listener_.messages.empty(); }));
  EXPECT_EQ(listener_.transport->stats().alien, before + 2);
  // And who has spoken plainly goes on doing so.
  page.send_in_dtls(sctp_packet({init_chunk(SctpChunk::kInit, 1, true)}, 0));
  page.send_in_dtls(Datagram{0x34});
  ASSERT_TRUE(run_until(loop_, [&] { return listener_.messages.size() == 2; }));
  EXPECT_EQ(listener_.transport->stats().alien, before + 3);
  EXPECT_TRUE(page.packets.empty());
}

TEST_F(DataChannelLinkTest, WhoHasChannelsDoesNotSpeakPlainly) {
  Page page(loop_, listener_.contact());
  ASSERT_NO_FATAL_FAILURE(open(page));
  page.send_in_dtls(Datagram{0x35});
  page.sctp().send(Lane::kMedia, Datagram{0x36});
  ASSERT_TRUE(run_until(loop_, [&] { return !listener_.messages.empty(); }));
  EXPECT_EQ(listener_.messages, std::vector<Datagram>{{0x36}});
}

}  // namespace
}  // namespace swarmcast::transport
