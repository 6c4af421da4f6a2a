// One DTLS 1.2 association (RFC 6347) between two peers that know each other's certificate by
// fingerprint. OpenSSL does the protocol; datagrams come in and go out as spans.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/time.h"
#include "host/transport/certificate.h"
#include "host/transport/demux.h"

namespace swarmcast::transport {

// Longest application data of a record.
inline constexpr size_t kMaxDtlsMessage = 1'200;

// Takes the datagrams a session wants sent. The span is borrowed for the call.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void send_datagram(ByteSpan datagram) = 0;
};

// The first that both ends have, by the server's order. 29 bytes a record (RFC 7905), or 37; the
// second is the one that every browser must have (RFC 8827, 6.5).
inline constexpr const char* kDtlsCiphers =
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256";

// Handshake parameters, and what all sessions of a process share. Outlives its sessions.
class DtlsContext {
 public:
  // `ciphers` in OpenSSL's words; tests have peers with fewer.
  explicit DtlsContext(const char* ciphers = kDtlsCiphers);
  ~DtlsContext();

  const Certificate& listener() const { return listener_; }
  const Fingerprint& listener_fingerprint() const { return listener_.fingerprint(); }

 private:
  friend class DtlsSession;
  OpenSslPtr<SSL_CTX> make_context(bool client, const char* ciphers);

  Certificate listener_;
  OpenSslPtr<BIO_METHOD> bio_method_;
  OpenSslPtr<SSL_CTX> client_;
  OpenSslPtr<SSL_CTX> server_;
  std::unique_ptr<uint8_t[]> plaintext_;
};

class DtlsSession {
 public:
  // What a record brought.
  enum class Event {
    kNothing,  // dropped, or one step of the handshake
    kUp,       // the handshake is complete
    kMessage,  // application data
    kClosed,   // the peer's close_notify, or a fatal alert
    kFailed,   // the handshake failed; see wrong_certificate()
  };

  // A client with a fresh certificate that accepts only a server with the one expected. Sends its
  // ClientHello on start().
  static std::unique_ptr<DtlsSession> connect(DtlsContext& context, const Fingerprint& expected,
                                              DatagramSink& sink);
  // A server with the listener's certificate that accepts any client certificate.
  static std::unique_ptr<DtlsSession> accept(DtlsContext& context, DatagramSink& sink);
  // Either end of a link for which both sides have named their certificates beforehand.
  struct Prepared {
    bool client = false;
    const Certificate& own;
    Fingerprint expected{};
    Duration first_timeout;  // how long an answer to the first flight may take, at least
  };
  static std::unique_ptr<DtlsSession> create(DtlsContext& context, const Prepared& prepared,
                                             DatagramSink& sink);
  ~DtlsSession();
  DtlsSession(const DtlsSession&) = delete;

  void start();
  // Takes one record. With kMessage, `message` is set; it is valid until the next record of any
  // session of this context.
  Event receive(const DtlsRecord& record, ByteSpan& message);
  // False if the session is not up.
  bool send(ByteSpan message);
  // Sends close_notify if the session is up.
  void close();

  // How long until on_timeout() is to be called; nullopt: never.
  std::optional<Duration> timeout() const;
  // Sends the last flight again.
  Event on_timeout();

  bool up() const { return up_; }
  bool wrong_certificate() const { return wrong_certificate_; }
  const Fingerprint& local_fingerprint() const { return local_; }
  const Fingerprint& remote_fingerprint() const { return remote_; }  // once up
  // Highest sequence number of an authentic record of the peer.
  uint64_t highest_sequence() const { return highest_sequence_; }

 private:
  friend class DtlsContext;

  // OpenSSL's view of the datagrams: one write is one datagram, one read is one record.
  static int bio_write(BIO* bio, const char* data, int size);
  static int bio_read(BIO* bio, char* out, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);
  static int verify(X509_STORE_CTX* store, void*);
  static unsigned next_timeout(SSL* ssl, unsigned previous_us);

  DtlsSession(DtlsContext& context, SSL_CTX* role, DatagramSink& sink);
  void use(const Certificate& own);
  void send_flight();
  bool admit(const DtlsRecord& record);
  size_t shortest_protected() const;
  Event handshake();
  Event read(ByteSpan& message);

  DtlsContext& context_;
  DatagramSink& sink_;
  OpenSslPtr<SSL> ssl_;
  bool client_ = false;
  bool up_ = false;
  bool closed_ = false;
  bool wrong_certificate_ = false;
  uint8_t late_handshakes_ = 0;
  std::vector<uint8_t> flight_;  // of the handshake, being collected
  ByteSpan incoming_;            // what OpenSSL's next read gets
  uint64_t highest_sequence_ = 0;
  unsigned first_timeout_us_;
  std::optional<Fingerprint> expected_;  // none: any
  Fingerprint local_{};
  Fingerprint remote_{};
};

}  // namespace swarmcast::transport
