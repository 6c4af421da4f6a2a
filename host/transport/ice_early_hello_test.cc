// A browser as DTLS client sends its ClientHello as soon as ICE lets it, often before its own
// description has come. What came too early must not have to be sent again.
#include <gtest/gtest.h>
#include <stun/usages/ice.h>

#include "host/transport/ice_test_support.h"

namespace swarmcast::transport {
namespace {

constexpr std::string_view kUfrag = "fake";
constexpr std::string_view kPassword = "0123456789abcdefghijkl";
constexpr uint32_t kPriority = 1'000;
constexpr uint64_t kTieBreaker = 7;

uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

// ICE controlled, DTLS client, and it never sends anything twice.
class FakeBrowser final : public DatagramSink {
 public:
  FakeBrowser(Loop& loop, const LinkDescription& peer)
      : peer_(peer), watch_(loop, socket_.fd(), Loop::FdWatch::kReadable, [this](unsigned) {
          while (auto got = socket_.receive()) take(got->second);
        }) {
    stun_agent_init(&agent_, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
                                                     STUN_AGENT_USAGE_USE_FINGERPRINT));
    dtls_ = DtlsSession::create(context_,
                                {.client = true,
                                 .own = certificate_,
                                 .expected = peer.fingerprint,
                                 .first_timeout = Duration::seconds(1)},
                                *this);
  }

  void check() {
    std::string user = std::string(peer_.ufrag.view()) + ":" + std::string(kUfrag);
    std::string password(peer_.password.view());
    StunMessage message;
    uint8_t buffer[kMaxDatagramSize];
    const size_t size = stun_usage_ice_conncheck_create(
        &agent_, &message, buffer, sizeof buffer, bytes_of(user), user.size(), bytes_of(password),
        password.size(), false, false, kPriority, kTieBreaker, nullptr,
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    send_datagram({buffer, size});
  }
  void say_hello() { dtls_->start(); }
  void send_datagram(ByteSpan datagram) override {
    socket_.send(peer_.candidates()[0].endpoint, datagram);
  }

  LinkDescription description() const {
    LinkDescription out;
    EXPECT_TRUE(out.ufrag.set(kUfrag) && out.password.set(kPassword));
    out.fingerprint = certificate_.fingerprint();
    out.native = true;
    out.add({CandidateType::kHost, socket_.local(), kPriority});
    return out;
  }
  bool answered() const { return answered_; }  // our check
  bool up() const { return dtls_->up(); }

 private:
  void take(Datagram& datagram) {
    if (classify(datagram) == PacketKind::kStun) return take_stun(datagram);
    MutableByteSpan rest = datagram;
    while (const auto record = next_record(rest)) {
      ByteSpan message;
      dtls_->receive(*record, message);
    }
  }
  void take_stun(Datagram& datagram) {
    StunMessage request;
    stun_agent_validate(&agent_, &request, datagram.data(), datagram.size(), give_password,
                        &password_);
    if (stun_message_get_class(&request) != STUN_REQUEST) {
      answered_ = true;
      return;
    }
    StunMessage reply;
    uint8_t buffer[kMaxDatagramSize];
    size_t size = sizeof buffer;
    sockaddr_storage source{};
    source.ss_family = AF_INET;
    bool controlling = false;
    stun_usage_ice_conncheck_create_reply(&agent_, &request, &reply, buffer, &size, &source,
                                          sizeof(sockaddr_in), &controlling, kTieBreaker,
                                          STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    send_datagram({buffer, size});
  }

  // For MESSAGE-INTEGRITY of whatever comes: there is one peer only.
  static bool give_password(StunAgent*, StunMessage*, uint8_t*, uint16_t, uint8_t** password,
                            size_t* size, void* own) {
    auto& text = *static_cast<std::string*>(own);
    *password = bytes_of(text);
    *size = text.size();
    return true;
  }

  LinkDescription peer_;
  StunAgent agent_{};
  std::string password_{kPassword};
  RawSocket socket_;
  DtlsContext context_;
  Certificate certificate_;
  std::unique_ptr<DtlsSession> dtls_;
  bool answered_ = false;
  Loop::FdWatch watch_;
};

TEST(IceEarlyHello, IsKeptUntilThePairIsSelected) {
  Loop loop;
  IcePeer peer(loop);
  peer.prepare(kTestDial, LinkRole::kInitiator);
  ASSERT_TRUE(run_until(loop, [&] { return peer.descriptions.contains(kTestDial); }));
  FakeBrowser browser(loop, peer.descriptions[kTestDial][0]);
  browser.check();
  ASSERT_TRUE(run_until(loop, [&] { return browser.answered(); }));
  browser.say_hello();
  ASSERT_TRUE(run_until(loop, [&] { return peer.transport->stats().datagrams_in > 0; }));
  EXPECT_TRUE(peer.ups.empty());

  peer.transport->set_remote_description(kTestDial, browser.description());
  EXPECT_TRUE(run_until(loop, [&] { return !peer.ups.empty() && browser.up(); }));
}

}  // namespace
}  // namespace swarmcast::transport
