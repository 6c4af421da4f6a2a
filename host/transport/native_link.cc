#include "host/transport/native_link.h"

#include <algorithm>
#include <utility>

#include "host/platform/sodium_crypto.h"
#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {
namespace {

constexpr Duration kFirstAskAgain = Duration::millis(100);
constexpr int kMaxSessionsBegun = 3;  // by one half-open link: each costs a signature

}  // namespace

NativeLink::NativeLink(const Shared& shared, const Path& path, const DialCredentials& credentials,
                       Instant now)
    : shared_(shared), path_(path), credentials_(credentials), heard_(now), last_sent_(now) {}

std::unique_ptr<NativeLink> NativeLink::dial(const Shared& shared, LinkId id,
                                             const Contact& contact,
                                             const DialCredentials& credentials, Instant now) {
  std::unique_ptr<NativeLink> link(
      new NativeLink(shared, Path{contact.endpoint, {}}, credentials, now));
  link->id_ = id;
  link->ours_ = true;
  link->deadline_ = now + shared.limits.dial_limit;
  platform::system_random({reinterpret_cast<uint8_t*>(&link->tie_breaker_), sizeof tie_breaker_});
  platform::system_random(link->transaction_);
  link->ask_again_ = kFirstAskAgain;
  link->ask(now);
  // The ClientHello does not wait for the answer: one round trip less.
  link->dtls_ = DtlsSession::connect(shared.dtls, contact.fingerprint, *link);
  link->dtls_->start();
  link->note_dtls_timeout(now);
  return link;
}

std::unique_ptr<NativeLink> NativeLink::accept(const Shared& shared, const Path& path,
                                               const DialCredentials& credentials, Instant now) {
  std::unique_ptr<NativeLink> link(new NativeLink(shared, path, credentials, now));
  link->deadline_ = now + shared.limits.half_open_life;
  return link;
}

void NativeLink::ask(Instant now) {
  uint8_t buffer[kMaxStunSize];
  transmit(shared_.ice.request(credentials_, transaction_, tie_breaker_, buffer));
  next_ask_ = now + ask_again_;
  ask_again_ = ask_again_ * 2;
}

bool NativeLink::take_stun_answer(ByteSpan datagram) {
  return ours_ && shared_.ice.is_answer(datagram, credentials_, transaction_);
}

// The listener's session begins with a ClientHello, and anew with another one: the first may have
// been left over from a dial that is over. False if the record has no session to go to.
bool NativeLink::begin_session(const DtlsRecord& record) {
  const ByteSpan random = client_random(record);
  if (random.empty() || equal(random, client_random_)) return dtls_ != nullptr;
  if (sessions_begun_ == kMaxSessionsBegun) return false;
  ++sessions_begun_;
  std::ranges::copy(random, client_random_.begin());
  dtls_ = DtlsSession::accept(shared_.dtls, *this);
  return true;
}

DtlsSession::Event NativeLink::receive(const DtlsRecord& record, ByteSpan& message, Instant now) {
  const bool was_up = up();
  if (!ours_ && !was_up && !begin_session(record)) return DtlsSession::Event::kNothing;
  const DtlsSession::Event event = dtls_->receive(record, message);
  if (!was_up) note_dtls_timeout(now);
  if (event != DtlsSession::Event::kNothing) heard(now);
  return event;
}

bool NativeLink::take_plain_message() {
  plain_ = plain_ || sctp_ == nullptr;
  return plain_;
}

bool NativeLink::take_sctp(ByteSpan packet) {
  if (sctp_ == nullptr) {
    if (ours_ || plain_ || !is_sctp_init(packet)) return false;
    sctp_ = SctpAssociation::create(&shared_.loop, {.dtls_client = false}, to_dtls_, *this);
  }
  sctp_->receive(packet);
  return true;
}

bool NativeLink::send(Lane lane, ByteSpan message) {
  if (sctp_ != nullptr) return sctp_->send(lane, message);
  return dtls_ != nullptr && dtls_->send(message);
}

void NativeLink::say_goodbye() {
  if (sctp_ != nullptr) sctp_->close();
  if (dtls_ != nullptr) dtls_->close();
}

void NativeLink::ToDtls::send_datagram(ByteSpan packet) {
  link.dtls_->send(packet);
  link.shared_.channel_events.on_channel_output();
}

void NativeLink::on_message(Lane, ByteSpan message) {
  if (message[0] != kSctpFirstByte) shared_.channel_events.on_channel_message(*this, message);
}

void NativeLink::on_closed() { shared_.channel_events.on_channels_closed(*this); }

void NativeLink::send_datagram(ByteSpan datagram) {
  last_flight_ = datagram.size();
  transmit(datagram);
}

void NativeLink::transmit(ByteSpan datagram) {
  if (!up()) {
    if (!may_answer(datagram.size())) {
      ++shared_.stats.unamplified;
      return;
    }
    answered_ += datagram.size();
  }
  sent_ = true;
  shared_.socket.queue(path_, datagram);
}

// Whoever has not proven to be at this address may be someone else's victim.
bool NativeLink::may_answer(size_t bytes) const {
  return ours_ || answered_ + bytes <= shared_.limits.max_amplification * received_;
}

void NativeLink::credit(size_t bytes, Instant now) {
  received_ += bytes;
  if (!awaiting_credit_ || !may_answer(last_flight_)) return;
  awaiting_credit_ = false;
  dtls_timeout_ = now;
}

void NativeLink::note_dtls_timeout(Instant now) {
  const auto left = dtls_->timeout();
  dtls_timeout_ = left ? now + *left : Instant::never();
}

Instant NativeLink::next_timer() const { return std::min({deadline_, next_ask_, dtls_timeout_}); }

std::optional<DownReason> NativeLink::on_timer(Instant now) {
  if (now >= deadline_) return DownReason::kNoAnswer;
  if (now >= next_ask_) ask(now);
  if (now < dtls_timeout_) return std::nullopt;
  const bool exhausted = !ours_ && retransmissions_ == shared_.limits.max_retransmissions;
  awaiting_credit_ = !exhausted && !may_answer(last_flight_);
  if (exhausted || awaiting_credit_) {
    dtls_timeout_ = Instant::never();
    return std::nullopt;
  }
  ++retransmissions_;
  if (dtls_->on_timeout() == DtlsSession::Event::kFailed) return DownReason::kHandshakeFailed;
  note_dtls_timeout(now);
  return std::nullopt;
}

std::optional<DownReason> NativeLink::on_tick(Instant now) {
  if (now - heard_ >= shared_.limits.silence) return DownReason::kSilence;
  if (std::exchange(sent_, false)) last_sent_ = now;
  const Duration idle = std::max(now - last_sent_, now - heard_);
  if (ours_ && idle >= shared_.limits.keepalive) {
    platform::system_random(transaction_);
    ask(now);
    next_ask_ = Instant::never();
    last_sent_ = now;
  }
  return std::nullopt;
}

}  // namespace swarmcast::transport
