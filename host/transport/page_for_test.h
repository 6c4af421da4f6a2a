// A browser's page as the listener sees it: dials by a fabricated answer, then DTLS, then SCTP.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/byte_io.h"
#include "host/transport/sctp_association.h"
#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {

class Page final : SctpEvents {
 public:
  explicit Page(Loop& loop, const Contact& listener, const std::string& where = "127.0.0.1:0")
      : loop_(loop), listener_(listener), socket_(where) {
    DialNonce nonce;
    platform::system_random(nonce);
    credentials_ =
        make_credentials(platform::sodium_crypto(), kTestSecret, listener.fingerprint, nonce);
    watch_ = std::make_unique<Loop::FdWatch>(loop, socket_.fd(), Loop::FdWatch::kReadable,
                                             [this](unsigned) { on_readable(); });
  }

  // The STUN request and then the ClientHello; `cut_hello` as Chromium's, whose two datagrams are
  // longer than one may be.
  void dial(bool cut_hello = false) {
    cut_hello_ = cut_hello;
    ask();
    session_ = DtlsSession::connect(context(), listener_.fingerprint, to_socket_);
    session_->start();
  }
  // Asks for consent, as for a path: the two are the same.
  void ask() { send(request()); }
  Datagram request() {
    uint8_t buffer[kMaxStunSize];
    const auto out = ice_.request(credentials_, StunTransaction{}, 1, buffer);
    return {out.begin(), out.end()};
  }
  bool up() const { return session_ != nullptr && session_->up(); }
  // Begins with SCTP over DTLS that is up.
  void open(const SctpOptions& options = {.dtls_client = true}) {
    sctp_ = SctpAssociation::create(&loop_, options, to_dtls_, *this);
  }
  void send_in_dtls(ByteSpan message) { session_->send(message); }
  void leave() {
    if (sctp_) sctp_->close();
    session_->close();
  }
  SctpAssociation& sctp() { return *sctp_; }
  DtlsSession& session() { return *session_; }
  RawSocket& socket() { return socket_; }

  int opened = 0, closed = 0;
  std::vector<Datagram> messages;
  std::vector<Datagram> packets;  // of SCTP, from the listener
  Datagram last_packet;           // of SCTP, ours
  bool silent = false;            // nothing that arrives is answered
  size_t stun_answers = 0;
  size_t bytes_sent = 0, bytes_received = 0;

 private:
  struct ToSocket final : DatagramSink {
    explicit ToSocket(Page& p) : page(p) {}
    void send_datagram(ByteSpan datagram) override {
      if (std::exchange(page.cut_hello_, false)) return page.send_cut(datagram);
      page.send(datagram);
    }
    Page& page;
  };
  struct ToDtls final : DatagramSink {
    explicit ToDtls(Page& p) : page(p) {}
    void send_datagram(ByteSpan packet) override {
      page.last_packet.assign(packet.begin(), packet.end());
      page.session_->send(packet);
    }
    Page& page;
  };

  static DtlsContext& context() {
    static DtlsContext* const context = new DtlsContext;
    return *context;
  }
  void send(ByteSpan datagram) {
    socket_.send(listener_.endpoint, datagram);
    bytes_sent += datagram.size();
  }
  // One handshake message in two fragments (RFC 6347, 4.2.3), each in a datagram.
  void send_cut(ByteSpan datagram) {
    constexpr size_t kHandshakeHeader = 12;
    const ByteSpan body = datagram.subspan(kRecordHeaderSize + kHandshakeHeader);
    const size_t half = body.size() / 2;
    for (const auto& [offset, size] : {std::pair<size_t, size_t>{0, half},
                                       std::pair<size_t, size_t>{half, body.size() - half}}) {
      Datagram part(kRecordHeaderSize + kHandshakeHeader);
      std::ranges::copy(datagram.first(part.size()), part.begin());
      part[10] = static_cast<uint8_t>(part[10] + (offset == 0 ? 0 : 7));  // its own record number
      part[12] = static_cast<uint8_t>(kHandshakeHeader + size);
      part[11] = static_cast<uint8_t>((kHandshakeHeader + size) >> 8);
      ByteWriter writer(MutableByteSpan(part).subspan(kRecordHeaderSize + 6));
      writer.u24(offset);
      writer.u24(size);
      part.insert(part.end(), body.begin() + static_cast<std::ptrdiff_t>(offset),
                  body.begin() + static_cast<std::ptrdiff_t>(offset + size));
      send(part);
    }
  }
  void on_readable() {
    while (auto got = socket_.receive()) {
      bytes_received += got->second.size();
      MutableByteSpan rest = got->second;
      if (classify(rest) == PacketKind::kStun) ++stun_answers;
      if (classify(rest) != PacketKind::kDtls || session_ == nullptr || silent) continue;
      while (const auto record = next_record(rest)) {
        ByteSpan message;
        if (session_->receive(*record, message) != DtlsSession::Event::kMessage) continue;
        packets.emplace_back(message.begin(), message.end());
        if (sctp_) sctp_->receive(message);
      }
    }
  }
  void on_open() override { ++opened; }
  void on_message(Lane, ByteSpan message) override {
    messages.emplace_back(message.begin(), message.end());
  }
  void on_closed() override { ++closed; }

  Loop& loop_;
  Contact listener_;
  RawSocket socket_;
  IceLite ice_;
  DialCredentials credentials_;
  ToSocket to_socket_{*this};
  ToDtls to_dtls_{*this};
  std::unique_ptr<DtlsSession> session_;
  std::unique_ptr<SctpAssociation> sctp_;
  std::unique_ptr<Loop::FdWatch> watch_;
  bool cut_hello_ = false;
};

}  // namespace swarmcast::transport
