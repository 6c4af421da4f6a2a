#include "host/transport/dtls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

#include "engine/base/byte_io.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {
namespace {

// The handshake's parameters, in one place: a censor that learns them forces a change here only.
constexpr size_t kPoly1305Overhead = 16;  // its tag (RFC 7905, 2)
constexpr size_t kGcmOverhead = 24;       // a nonce, too (RFC 5288, 3)
constexpr size_t kMaxRecordOverhead = 37;
constexpr const char* kGroups = "X25519:P-256";
constexpr const char* kSignatures = "ECDSA+SHA256";
// Nobody answers these two; browsers send them. They also make the ClientHello long enough for the
// listener to answer it in full within three times what it has received.
constexpr unsigned char kAlpn[] =
    "\x06webrtc\x08"
    "c-webrtc";  // RFC 8833
constexpr const char* kSrtpProfile = "SRTP_AES128_CM_SHA1_80";
constexpr long kMtu = 1'200;
constexpr unsigned kFirstTimeoutUs = 100'000;
constexpr unsigned kMaxTimeoutUs = 1'600'000;  // or the first, if that is longer

// What an unauthenticated peer can make OpenSSL allocate.
constexpr size_t kMaxHandshakeMessage = 4'096;
constexpr uint8_t kMaxLateHandshakes = 8;  // encrypted handshake records, each may be kept whole

static_assert(kMaxMessageSize + kMaxRecordOverhead <= kMtu);
static_assert(kMaxDtlsMessage + kMaxRecordOverhead <= kMaxDatagramSize);

// Handshake messages (RFC 5246, 7.4) that OpenSSL may see: those of the other role, of a length
// that can be. When two peers dial each other at once, both roles arrive from one address; that
// must not fail the dial that goes on.
bool is_expected(ByteSpan fragment, bool from_server) {
  ByteReader reader(fragment);
  const uint8_t type = reader.u8();
  const size_t length = reader.u24();
  if (!reader.ok() || length > kMaxHandshakeMessage) return false;
  switch (type) {
    case SSL3_MT_CLIENT_HELLO:
    case SSL3_MT_CLIENT_KEY_EXCHANGE:
    case SSL3_MT_CERTIFICATE_VERIFY:
      return !from_server;
    case SSL3_MT_CERTIFICATE:
      return true;
    default:
      return from_server;
  }
}

}  // namespace

DtlsContext::DtlsContext(const char* ciphers)
    : bio_method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams")),
      client_(make_context(true, ciphers)),
      server_(make_context(false, ciphers)),
      plaintext_(new uint8_t[kMaxDatagramSize]) {
  BIO_meth_set_write(bio_method_.get(), DtlsSession::bio_write);
  BIO_meth_set_read(bio_method_.get(), DtlsSession::bio_read);
  BIO_meth_set_ctrl(bio_method_.get(), DtlsSession::bio_control);
}

DtlsContext::~DtlsContext() = default;

OpenSslPtr<SSL_CTX> DtlsContext::make_context(bool client, const char* ciphers) {
  OpenSslPtr<SSL_CTX> context(SSL_CTX_new(client ? DTLS_client_method() : DTLS_server_method()));
  SSL_CTX* c = context.get();
  SWARMCAST_CHECK(c != nullptr);
  bool ok = SSL_CTX_set_min_proto_version(c, DTLS1_2_VERSION) == 1;
  ok = ok && SSL_CTX_set_cipher_list(c, ciphers) == 1;
  ok = ok && SSL_CTX_set1_groups_list(c, kGroups) == 1;
  ok = ok && SSL_CTX_set1_sigalgs_list(c, kSignatures) == 1;
  ok = ok && SSL_CTX_set1_client_sigalgs_list(c, kSignatures) == 1;
  ok = ok && SSL_CTX_set_max_send_fragment(c, kMaxDtlsMessage) == 1;  // sizes the write buffer, too
  SWARMCAST_CHECK(ok);
  SSL_CTX_set_options(c, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                             SSL_OP_NO_COMPRESSION | SSL_OP_NO_ENCRYPT_THEN_MAC |
                             SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(c, kMaxHandshakeMessage);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(c, DtlsSession::verify, nullptr);
  if (client) {
    SWARMCAST_CHECK(SSL_CTX_set_alpn_protos(c, kAlpn, sizeof kAlpn - 1) == 0 &&
                    SSL_CTX_set_tlsext_use_srtp(c, kSrtpProfile) == 0);
  } else {
    SWARMCAST_CHECK(SSL_CTX_use_certificate(c, listener_.x509()) == 1 &&
                    SSL_CTX_use_PrivateKey(c, listener_.key()) == 1);
  }
  return context;
}

std::unique_ptr<DtlsSession> DtlsSession::connect(DtlsContext& context, const Fingerprint& expected,
                                                  DatagramSink& sink) {
  std::unique_ptr<DtlsSession> session(new DtlsSession(context, context.client_.get(), sink));
  session->use(Certificate());  // fresh: two links of one peer have nothing in common
  session->client_ = true;
  session->expected_ = expected;
  SSL_set_connect_state(session->ssl_.get());
  return session;
}

std::unique_ptr<DtlsSession> DtlsSession::accept(DtlsContext& context, DatagramSink& sink) {
  std::unique_ptr<DtlsSession> session(new DtlsSession(context, context.server_.get(), sink));
  session->local_ = context.listener_fingerprint();
  SSL_set_accept_state(session->ssl_.get());
  return session;
}

std::unique_ptr<DtlsSession> DtlsSession::create(DtlsContext& context, const Prepared& prepared,
                                                 DatagramSink& sink) {
  SSL_CTX* role = prepared.client ? context.client_.get() : context.server_.get();
  std::unique_ptr<DtlsSession> session(new DtlsSession(context, role, sink));
  session->use(prepared.own);
  session->client_ = prepared.client;
  session->expected_ = prepared.expected;
  session->first_timeout_us_ = static_cast<unsigned>(prepared.first_timeout.us());
  if (prepared.client) {
    SSL_set_connect_state(session->ssl_.get());
  } else {
    SSL_set_accept_state(session->ssl_.get());
  }
  return session;
}

void DtlsSession::use(const Certificate& own) {
  SWARMCAST_CHECK(SSL_use_certificate(ssl_.get(), own.x509()) == 1 &&
                  SSL_use_PrivateKey(ssl_.get(), own.key()) == 1);
  local_ = own.fingerprint();
}

DtlsSession::DtlsSession(DtlsContext& context, SSL_CTX* role, DatagramSink& sink)
    : context_(context), sink_(sink), ssl_(SSL_new(role)), first_timeout_us_(kFirstTimeoutUs) {
  BIO* bio = BIO_new(context.bio_method_.get());
  SWARMCAST_CHECK(ssl_ && bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_mtu(ssl_.get(), kMtu);
  DTLS_set_timer_cb(ssl_.get(), next_timeout);
}

DtlsSession::~DtlsSession() = default;

int DtlsSession::bio_write(BIO* bio, const char* data, int size) {
  auto& self = *static_cast<DtlsSession*>(BIO_get_data(bio));
  const ByteSpan datagram(reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size));
  if (self.up_) {
    self.sink_.send_datagram(datagram);
  } else {
    if (self.flight_.size() + datagram.size() > kMtu) self.send_flight();
    self.flight_.insert(self.flight_.end(), datagram.begin(), datagram.end());
  }
  return size;
}

int DtlsSession::bio_read(BIO* bio, char* out, int size) {
  auto& self = *static_cast<DtlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.incoming_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t n = std::min(self.incoming_.size(), static_cast<size_t>(size));
  std::memcpy(out, self.incoming_.data(), n);
  self.incoming_ = {};
  return static_cast<int>(n);
}

long DtlsSession::bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT ? 1 : 0;
}

// Replaces the check of a chain: there is none, the fingerprint is the identity.
int DtlsSession::verify(X509_STORE_CTX* store, void*) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& self = *static_cast<DtlsSession*>(SSL_get_app_data(ssl));
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  if (certificate == nullptr) return 0;
  self.remote_ = fingerprint_of(certificate);
  self.wrong_certificate_ = self.expected_ && self.remote_ != *self.expected_;
  return self.wrong_certificate_ ? 0 : 1;
}

unsigned DtlsSession::next_timeout(SSL* ssl, unsigned previous_us) {
  const unsigned first = static_cast<DtlsSession*>(SSL_get_app_data(ssl))->first_timeout_us_;
  return previous_us == 0 ? first : std::min(previous_us * 2, std::max(first, kMaxTimeoutUs));
}

// OpenSSL writes one datagram per handshake message. A flight in one packet is either lost or not,
// and has one IP header.
void DtlsSession::send_flight() {
  if (!flight_.empty()) sink_.send_datagram(flight_);
  flight_.clear();
}

void DtlsSession::start() { handshake(); }

// A record shorter than what its cipher adds is a fatal error to OpenSSL 3.0, and no forgery like
// others: whoever knows our ports could end the session with one.
size_t DtlsSession::shortest_protected() const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
  const bool poly1305 =
      cipher != nullptr && SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305;
  return poly1305 ? kPoly1305Overhead : kGcmOverhead;
}

// Only what OpenSSL needs at this stage reaches it. It would keep early application data for
// later, set memory aside for whatever length a handshake message announces, and believe an alert
// that nobody has signed.
bool DtlsSession::admit(const DtlsRecord& record) {
  if (record.epoch == 1 && record.fragment().size() < shortest_protected()) return false;
  if (closed_ || record.bytes.size() > kMaxDatagramSize || record.epoch > 1) return false;
  switch (record.type) {
    case DtlsRecord::kChangeCipherSpec:
      return !up_ && record.epoch == 0;
    case DtlsRecord::kHandshake:
      if (record.epoch == 0) return !up_ && is_expected(record.fragment(), client_);
      // The peer's Finished, or the same again because our answer to it was lost.
      return !(up_ && client_) && late_handshakes_++ < kMaxLateHandshakes;
    case DtlsRecord::kAlert:
      return up_ ? record.epoch == 1 : record.epoch == 0;
    default:
      return up_ && record.epoch == 1;
  }
}

DtlsSession::Event DtlsSession::receive(const DtlsRecord& record, ByteSpan& message) {
  if (!admit(record)) return Event::kNothing;
  incoming_ = record.bytes;
  const Event event = up_ ? read(message) : handshake();
  incoming_ = {};
  if (event != Event::kNothing && event != Event::kFailed && record.epoch == 1) {
    highest_sequence_ = std::max(highest_sequence_, record.sequence);
  }
  return event;
}

DtlsSession::Event DtlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  send_flight();
  if (result == 1) {
    up_ = true;
    flight_.shrink_to_fit();
    return Event::kUp;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Event::kNothing;
  closed_ = true;
  return Event::kFailed;
}

DtlsSession::Event DtlsSession::read(ByteSpan& message) {
  ERR_clear_error();
  uint8_t* out = context_.plaintext_.get();
  const int n = SSL_read(ssl_.get(), out, kMaxDatagramSize);
  if (n > 0) {
    message = {out, static_cast<size_t>(n)};
    return Event::kMessage;
  }
  // A record that is forged, replayed or too old is dropped without a trace.
  if (SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_READ) return Event::kNothing;
  closed_ = true;
  up_ = false;
  return Event::kClosed;
}

bool DtlsSession::send(ByteSpan message) {
  if (!up_) return false;
  ERR_clear_error();
  return SSL_write(ssl_.get(), message.data(), static_cast<int>(message.size())) > 0;
}

void DtlsSession::close() {
  if (up_) SSL_shutdown(ssl_.get());
  up_ = false;
  closed_ = true;
}

std::optional<Duration> DtlsSession::timeout() const {
  timeval left;
  if (up_ || closed_ || DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  return Duration::micros(int64_t{left.tv_sec} * 1'000'000 + left.tv_usec);
}

DtlsSession::Event DtlsSession::on_timeout() {
  ERR_clear_error();
  const int result = DTLSv1_handle_timeout(ssl_.get());
  send_flight();
  if (result >= 0) return Event::kNothing;
  closed_ = true;
  return Event::kFailed;
}

}  // namespace swarmcast::transport
