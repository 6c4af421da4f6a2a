#include "host/transport/composite_transport.h"

#include <gtest/gtest.h>

#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {
namespace {

constexpr LinkId kPrepared{kDialledLinkBit | 8};

class Peer final : public LinkEvents {
 public:
  explicit Peer(Loop& loop) : transport(loop, platform::sodium_crypto(), kTestSecret, *this) {
    EXPECT_FALSE(transport.listen(*parse_endpoint("127.0.0.1:0")));
  }
  void on_up(LinkId link, bool, const Fingerprint&, const Fingerprint&, const Endpoint&) override {
    ups.push_back(link);
  }
  void on_message(LinkId link, ByteSpan message, Instant) override {
    messages[link].assign(message.begin(), message.end());
  }
  void on_down(LinkId link, DownReason) override { downs.push_back(link); }
  void on_local_description(LinkId link, const LinkDescription& description) override {
    described = description;
    peer->transport.set_remote_description(link, description);
  }
  Contact contact() const {
    return {PeerId{}, transport.local_endpoint(), transport.fingerprint()};
  }
  bool send(LinkId link, uint8_t byte) {
    const bool sent = transport.send(link, Lane::kMedia, Datagram{byte});
    transport.flush();
    return sent;
  }

  Peer* peer = nullptr;
  LinkDescription described;
  std::vector<LinkId> ups, downs;
  std::map<LinkId, Datagram> messages;
  CompositeTransport transport;
};

TEST(CompositeTransport, DialledAndPreparedLinksLiveSideBySide) {
  Loop loop;
  Peer a(loop), b(loop);
  a.peer = &b;
  b.peer = &a;
  a.transport.dial(kTestDial, b.contact());
  a.transport.prepare(kPrepared, LinkRole::kInitiator, LinkCertificate::kListener);
  b.transport.prepare(kPrepared, LinkRole::kResponder, LinkCertificate::kFresh);
  ASSERT_TRUE(run_until(loop, [&] { return a.ups.size() == 2 && b.ups.size() == 2; }));
  EXPECT_EQ(a.described.fingerprint, a.transport.fingerprint());
  EXPECT_NE(b.described.fingerprint, b.transport.fingerprint());

  EXPECT_TRUE(a.send(kTestDial, 0x41));
  EXPECT_TRUE(a.send(kPrepared, 0x42));
  ASSERT_TRUE(run_until(loop, [&] { return b.messages.size() == 2; }));
  EXPECT_EQ(b.messages[kPrepared], Datagram{0x42});
  const LinkId dialled = b.ups[0] == kPrepared ? b.ups[1] : b.ups[0];
  EXPECT_EQ(b.messages[dialled], Datagram{0x41});
  // At least the handshakes' flights and a message of both.
  EXPECT_GE(a.transport.stats().datagrams_out, 5u);

  a.transport.close(kPrepared);
  ASSERT_TRUE(run_until(loop, [&] { return !b.downs.empty(); }));
  EXPECT_EQ(b.downs[0], kPrepared);
  EXPECT_FALSE(a.send(kPrepared, 0x43));
  EXPECT_TRUE(a.send(kTestDial, 0x44));
  a.transport.close(kTestDial);
  EXPECT_TRUE(run_until(loop, [&] { return b.downs.size() == 2; }));
  EXPECT_TRUE(a.downs.empty());
}

}  // namespace
}  // namespace swarmcast::transport
