// What tests of the native transport on bad networks and among strangers share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {

// Sends what a dialler sends, but as it likes.
class Stranger {
 public:
  explicit Stranger(const Contact& listener, const std::string& where = "127.0.0.1:0")
      : socket(where), listener_(listener) {
    DialNonce nonce;
    platform::system_random(nonce);
    credentials =
        make_credentials(platform::sodium_crypto(), kTestSecret, listener.fingerprint, nonce);
  }
  Datagram stun_request() {
    uint8_t buffer[kMaxStunSize];
    const auto out = ice_.request(credentials, StunTransaction{}, 1, buffer);
    return {out.begin(), out.end()};
  }
  Datagram client_hello() {
    if (dtls_ == nullptr) dtls_ = std::make_unique<DtlsContext>();
    struct Capture final : DatagramSink {
      Datagram datagram;
      void send_datagram(ByteSpan d) override { datagram.assign(d.begin(), d.end()); }
    } capture;
    DtlsSession::connect(*dtls_, listener_.fingerprint, capture)->start();
    return capture.datagram;
  }
  void send(const Datagram& datagram) {
    socket.send(listener_.endpoint, datagram);
    bytes_sent += datagram.size();
  }
  size_t receive_all() {
    size_t datagrams = 0;
    for (; auto got = socket.receive(); ++datagrams) bytes_received += got->second.size();
    return datagrams;
  }

  RawSocket socket;
  DialCredentials credentials;
  size_t bytes_sent = 0, bytes_received = 0;

 private:
  Contact listener_;
  IceLite ice_;
  std::unique_ptr<DtlsContext> dtls_;  // made when needed: it takes a signature
};

// Nodes with a middlebox or strangers between them.
class TransportWorldTest : public testing::Test {
 protected:
  static NativeLimits quick() {
    NativeLimits limits;
    limits.half_open_life = Duration::millis(600);
    limits.tick = Duration::millis(20);
    return limits;
  }
  void link_through(Middlebox& box, Node& dialler, Node& listener) {
    Contact contact = listener.contact();
    contact.endpoint = box.front();
    dialler.transport->dial(kTestDial, contact);
    ASSERT_TRUE(run_until(loop_, [&] { return !dialler.ups.empty() && !listener.ups.empty(); }));
  }
  // Until what is on its way has been handled: a message that follows it has arrived.
  void settle(Node& from, Node& to) {
    const Datagram mark = {0x7f, static_cast<uint8_t>(++marks_ >> 8), static_cast<uint8_t>(marks_)};
    from.send(from.link(), mark);
    ASSERT_TRUE(
        run_until(loop_, [&] { return !to.messages.empty() && to.messages.back() == mark; }));
  }
  Loop loop_;
  int marks_ = 0;
};

}  // namespace swarmcast::transport
