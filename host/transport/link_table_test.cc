#include "host/transport/link_table.h"

#include <gtest/gtest.h>

#include "host/platform/sodium_crypto.h"
#include "host/transport/endpoint_for_test.h"

namespace swarmcast::transport {
namespace {

constexpr LinkId kDialled{kDialledLinkBit | 1};
constexpr LinkId kInbound{1};

const Endpoint kHere = at("192.0.2.1:4000");
const Endpoint kThere = at("192.0.2.2:4000");

class LinkTableTest : public ::testing::Test, private DataChannelEvents {
 protected:
  // `dial` tells one dial from another.
  LinkTable::LinkPtr half_open(const Endpoint& remote, uint8_t dial = 1) {
    DialCredentials credentials;
    credentials.ufrag[0] = static_cast<char>('a' + dial);
    return NativeLink::accept(shared_, Path{remote, {}}, credentials, Loop::now());
  }
  LinkTable::LinkPtr dialled(const Endpoint& remote) {
    const Contact contact{.endpoint = remote, .fingerprint = dtls_.listener_fingerprint()};
    return NativeLink::dial(shared_, kDialled, contact, DialCredentials{}, Loop::now());
  }
  NativeLink& add_up(const Endpoint& remote, LinkId id = kInbound) {
    auto link = half_open(remote);
    link->set_id(id);
    NativeLink& out = *link;
    table_.add_up(std::move(link));
    return out;
  }

 private:
  void on_channel_message(NativeLink&, ByteSpan) override {}
  void on_channels_closed(NativeLink&) override {}
  void on_channel_output() override {}

  Loop loop_;
  TransportStats stats_;
  UdpSocket socket_{stats_};  // not open: what is sent is lost
  DtlsContext dtls_;
  IceLite ice_;
  const NativeLimits limits_;
  const NativeLink::Shared shared_{loop_, *this, socket_, dtls_, ice_, limits_, stats_};

 protected:
  static constexpr size_t kMaxTestLinks = 2;
  LinkTable table_{kMaxTestLinks};
};

TEST_F(LinkTableTest, FindsLinksByIdAndByEndpoint) {
  NativeLink& up = add_up(kHere);
  table_.add_pending(dialled(kThere));
  EXPECT_EQ(table_.find_up(kInbound), &up);
  EXPECT_EQ(table_.up_at(kHere), &up);
  EXPECT_EQ(table_.up_at(kThere), nullptr);
  EXPECT_EQ(table_.find_up(kDialled), nullptr);
  ASSERT_NE(table_.find_dialled(kDialled), nullptr);
  EXPECT_EQ(table_.find_dialled(kDialled), table_.pending_at(kThere));
  EXPECT_EQ(table_.pending_at(kHere), nullptr);
}

TEST_F(LinkTableTest, StrangersTakeNoRoomUntilTheyAreUp) {
  table_.add_pending(half_open(kHere));
  table_.add_pending(half_open(kThere));
  EXPECT_EQ(table_.half_open(), 2u);
  EXPECT_TRUE(table_.has_room());
  table_.add_pending(dialled(at("192.0.2.3:4000")));
  EXPECT_EQ(table_.half_open(), 2u);
  EXPECT_TRUE(table_.has_room());
  add_up(at("192.0.2.4:4000"));
  EXPECT_FALSE(table_.has_room());
}

TEST_F(LinkTableTest, CountsTheHalfOpenOfANetwork) {
  for (const char* remote : {"192.0.2.1:1", "192.0.2.99:2", "192.0.3.1:1", "[2001:db8:1::1]:1",
                             "[2001:db8:1:ffff::1]:1", "[2001:db8:2::1]:1"})
    table_.add_pending(half_open(at(remote)));
  table_.add_pending(dialled(at("192.0.2.5:1")));
  EXPECT_EQ(table_.half_open_from(kHere), 2u);
  EXPECT_EQ(table_.half_open_from(at("192.0.3.7:9")), 1u);
  EXPECT_EQ(table_.half_open_from(at("[2001:db8:1::7]:9")), 2u);
}

TEST_F(LinkTableTest, APendingLinkComesUpBesideAnOlderOne) {
  table_.add_pending(half_open(kHere));
  NativeLink* link = table_.pending_at(kHere);
  NativeLink& old = add_up(kHere);
  EXPECT_EQ(table_.up_at(kHere), &old);
  EXPECT_TRUE(table_.forget(old));
  EXPECT_EQ(table_.up_at(kHere), nullptr);
  auto taken = table_.take_pending(*link);
  EXPECT_EQ(taken.get(), link);
  taken->set_id(kInbound.next());
  table_.add_up(std::move(taken));
  EXPECT_EQ(table_.up_at(kHere), link);
  EXPECT_EQ(table_.pending_at(kHere), nullptr);
}

TEST_F(LinkTableTest, ALinkIsForgottenOnceAndLivesUntilNobodyUsesIt) {
  NativeLink& link = add_up(kHere);
  EXPECT_TRUE(table_.forget(link));
  EXPECT_FALSE(table_.forget(link));
  EXPECT_EQ(table_.find_up(kInbound), nullptr);
  EXPECT_EQ(link.id(), kInbound);
  table_.free_unused();
  table_.add_pending(half_open(kThere));
  NativeLink& pending = *table_.pending_at(kThere);
  EXPECT_TRUE(table_.forget(pending));
  EXPECT_FALSE(table_.forget(pending));
  EXPECT_EQ(table_.pending_at(kThere), nullptr);
}

TEST_F(LinkTableTest, ALinkMoves) {
  NativeLink& link = add_up(kHere);
  table_.move(link, Path{kThere, {}});
  EXPECT_EQ(table_.up_at(kHere), nullptr);
  EXPECT_EQ(table_.up_at(kThere), &link);
  EXPECT_EQ(link.path().remote, kThere);
}

TEST_F(LinkTableTest, OneDialsHalfOpenLinksGoTogether) {
  table_.add_pending(half_open(kHere, 1));
  table_.add_pending(half_open(kThere, 2));
  const DialCredentials first = table_.pending_at(kHere)->credentials();
  EXPECT_FALSE(table_.is_up(first));
  table_.free_half_open(first);
  EXPECT_EQ(table_.pending_at(kHere), nullptr);
  EXPECT_NE(table_.pending_at(kThere), nullptr);
  add_up(kHere);  // of dial 1
  EXPECT_TRUE(table_.is_up(first));
}

}  // namespace
}  // namespace swarmcast::transport
