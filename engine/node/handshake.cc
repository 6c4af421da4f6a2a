#include "engine/node/handshake.h"

#include <algorithm>

#include "engine/base/limits.h"
#include "engine/crypto/identity.h"

namespace swarmcast::node {

using crypto::LinkRole;
using crypto::ProofCheck;

namespace {

constexpr Duration kFirstResend = Duration::millis(150);
constexpr Duration kMaxResend = Duration::millis(600);

}  // namespace

Handshake::Handshake(const CryptoProvider& crypto, Identity self, crypto::KeySource& keys,
                     LinkRole role, const Fingerprint& local, const Fingerprint& remote,
                     std::optional<PeerId> expected, Instant now)
    : crypto_(crypto),
      self_(self),
      role_(role),
      expected_(expected),
      deadline_(now + kHelloTimeout),
      resend_delay_(kFirstResend) {
  transcript_.version = wire::kProtocolVersion;
  transcript_.initiator.fingerprint = role == LinkRole::kInitiator ? local : remote;
  transcript_.responder.fingerprint = role == LinkRole::kInitiator ? remote : local;
  local_end().key = self.key.public_key();
  local_end().nonce = keys.take<32>();
  if (role == LinkRole::kInitiator) {
    const wire::Hello1 hello{.public_key = local_end().key, .nonce = local_end().nonce};
    const auto bytes = hello.encode();
    std::copy(bytes.begin(), bytes.end(), message_.begin());
    message_size_ = bytes.size();
    pending_ = true;
    resend_at_ = now + resend_delay_;
  }
}

const crypto::LinkEnd& Handshake::remote_end() const {
  return role_ == LinkRole::kInitiator ? transcript_.responder : transcript_.initiator;
}

crypto::LinkEnd& Handshake::local_end() {
  return role_ == LinkRole::kInitiator ? transcript_.initiator : transcript_.responder;
}

PeerId Handshake::remote_id() const { return crypto::peer_id(crypto_, remote_key()); }

crypto::LinkProof Handshake::proof(LinkRole role) const {
  return crypto::make_proof(crypto_, self_.secret, self_.key, role, transcript_);
}

void Handshake::on_message(Instant, ByteSpan message) {
  if (message.empty() || message.size() > kMaxHelloSize) return;
  switch (message[0]) {
    case wire::kHello1Type:
      if (role_ == LinkRole::kResponder) on_hello1(message);
      return;
    case wire::kHello2Type:
      if (role_ == LinkRole::kInitiator) on_hello2(message);
      return;
    case wire::kHello3Type:
      if (role_ == LinkRole::kResponder) on_hello3(message);
      return;
    case wire::kHelloRefusedType: {
      const auto refused = wire::HelloRefused::parse(message);
      if (!refused || state_ != State::kInProgress || role_ != LinkRole::kInitiator) return;
      using enum wire::HelloRefused::Reason;
      state_ = refused->reason == kVersion       ? State::kWrongVersion
               : refused->reason == kWrongSecret ? State::kWrongSecret
                                                 : State::kFull;
      return;
    }
    default:
      return;
  }
}

void Handshake::on_hello1(ByteSpan message) {
  if (answered_) {  // our HELLO2 was lost
    pending_ = state_ == State::kInProgress;
    return;
  }
  if (message.size() >= 2 && message[1] != wire::kProtocolVersion)
    return refuse(wire::HelloRefused::Reason::kVersion, State::kWrongVersion);
  const auto hello = wire::Hello1::parse(message);
  if (!hello || hello->public_key == local_end().key) return;
  transcript_.initiator.key = hello->public_key;
  transcript_.initiator.nonce = hello->nonce;
  const crypto::LinkProof p = proof(LinkRole::kResponder);
  message_ = wire::Hello2{.public_key = local_end().key,
                          .nonce = local_end().nonce,
                          .mac = p.mac,
                          .signature = p.signature}
                 .encode();
  message_size_ = message_.size();
  pending_ = answered_ = true;
}

void Handshake::on_hello2(ByteSpan message) {
  if (answered_ || state_ != State::kInProgress) return;
  const auto hello = wire::Hello2::parse(message);
  if (!hello) return;
  if (hello->version != wire::kProtocolVersion) {
    state_ = State::kWrongVersion;
    return;
  }
  transcript_.responder.key = hello->public_key;
  transcript_.responder.nonce = hello->nonce;
  const ProofCheck check = crypto::check_proof(crypto_, self_.secret, LinkRole::kResponder,
                                               transcript_, {hello->mac, hello->signature});
  answered_ = true;
  conclude(check);
  if (state_ != State::kProven) return;
  const crypto::LinkProof p = proof(LinkRole::kInitiator);
  const auto bytes = wire::Hello3{p.mac, p.signature}.encode();
  std::copy(bytes.begin(), bytes.end(), message_.begin());
  message_size_ = bytes.size();
  pending_ = true;
  resend_delay_ = kFirstResend;
}

void Handshake::on_hello3(ByteSpan message) {
  if (!answered_ || state_ != State::kInProgress) return;
  const auto hello = wire::Hello3::parse(message);
  if (!hello) return;
  conclude(crypto::check_proof(crypto_, self_.secret, LinkRole::kInitiator, transcript_,
                               {hello->mac, hello->signature}));
  if (state_ == State::kWrongSecret)
    refuse(wire::HelloRefused::Reason::kWrongSecret, State::kWrongSecret);
}

void Handshake::conclude(ProofCheck check) {
  if (check == ProofCheck::kWrongSecret)
    state_ = State::kWrongSecret;
  else if (check == ProofCheck::kWrongSignature || (expected_ && *expected_ != remote_id()))
    state_ = State::kWrongPeer;
  else
    state_ = State::kProven;
}

void Handshake::refuse(wire::HelloRefused::Reason reason, State state) {
  const auto bytes = wire::HelloRefused{.reason = reason}.encode();
  std::copy(bytes.begin(), bytes.end(), message_.begin());
  message_size_ = bytes.size();
  pending_ = true;
  state_ = state;
}

void Handshake::on_confirmed() {
  confirmed_ = true;
  resend_at_ = Instant::never();
}

void Handshake::on_timeout(Instant now) {
  if (state_ == State::kInProgress && now >= deadline_) state_ = State::kTimedOut;
  const bool open = state_ == State::kInProgress || state_ == State::kProven;
  if (!open || confirmed_ || resend_at_ > now) return;
  pending_ = true;
  resend_delay_ = std::min(resend_delay_ * 3 / 2, kMaxResend);
  resend_at_ = now + resend_delay_;
}

Instant Handshake::next_timeout() const {
  if (state_ == State::kInProgress) return std::min(deadline_, resend_at_);
  return state_ == State::kProven && !confirmed_ ? resend_at_ : Instant::never();
}

std::optional<ByteSpan> Handshake::poll(Instant now) {
  if (!pending_) return std::nullopt;
  pending_ = false;
  if (!resend_at_.is_never()) resend_at_ = now + resend_delay_;
  return ByteSpan(message_).first(message_size_);
}

}  // namespace swarmcast::node
