#include "host/transport/ice_link.h"

#include <utility>

#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

// A ClientHello may be two datagrams, and is repeated.
constexpr size_t kMaxEarlyDatagrams = 4;
constexpr size_t kIpv4Overhead = 28;  // IP and UDP
constexpr size_t kIpv6Overhead = 48;
constexpr size_t kTurnOverhead = 4;  // channel data (RFC 8656, 12.4)

}  // namespace

IceLink::IceLink(const Shared& shared, LinkId id, LinkRole role, LinkCertificate certificate,
                 const std::vector<Endpoint>& addresses, size_t turn, Instant now)
    : shared_(shared),
      id_(id),
      role_(role),
      fresh_(certificate == LinkCertificate::kFresh ? std::make_unique<Certificate>() : nullptr),
      certificate_(fresh_ != nullptr ? *fresh_ : shared.dtls.listener()),
      describe_at_(now + shared.limits.first_description),
      gathering_limit_(now + shared.limits.gathering),
      deadline_(now + shared.limits.remote_description) {
  const TransportOptions& options = shared.options;
  IceAgent::Setup setup{.controlling = ours(),
                        .addresses = addresses,
                        .turn = options.turn,
                        .relay_only = options.relay_only,
                        .profile = profile()};
  if (!options.stun.empty()) setup.stun = {options.stun[turn % options.stun.size()]};
  agent_ = std::make_unique<IceAgent>(shared.loop, setup, static_cast<IceAgent::Events&>(*this));
}

// Before a pair is selected: what is likely. Then: what is.
IceProfile IceLink::profile() const {
  const bool selected = agent_ != nullptr && agent_->selected();
  const bool relayed = selected ? path_ == PathKind::kRelayed : shared_.options.relay_only;
  return relayed ? shared_.limits.relayed : shared_.limits.direct;
}

void IceLink::on_ice_change() {
  changed_ = true;
  shared_.owner.on_link_due();
}

void IceLink::set_remote(const LinkDescription& description, Instant now) {
  const bool first = !remote_.complete();
  const bool accepted = agent_->set_remote(description);
  if (!first) return;
  on_ice_change();
  bad_description_ = !accepted;
  if (!accepted) return;
  remote_ = description;
  // Either side may be behind a relay; who is direct is up long before either limit.
  const bool relayed = shared_.options.relay_only || !shared_.options.turn.empty() ||
                       description.offers(CandidateType::kRelayed);
  deadline_ = now + (relayed ? shared_.limits.relayed : shared_.limits.direct).connect_limit;
}

Instant IceLink::next_timer() const {
  if (over_) return Instant::never();
  if (changed_) return Instant::from_us(0);
  Instant next = dtls_timeout_;
  if (!up_) next = std::min(next, deadline_);
  if (!told_.complete()) next = std::min(next, describe_at_);
  if (shared_.options.relay_only && told_.candidates().empty() && probe_ == nullptr) {
    next = std::min(next, gathering_limit_);
  }
  return next;
}

void IceLink::on_timer(Instant now) {
  changed_ = false;
  if (bad_description_) return end(DownReason::kBadDescription);
  tell(now);
  if (!over_) check_candidates(now);
  if (!over_ && agent_->selected() && remote_.complete()) note_pair();
  if (!over_ && up_ && agent_->failed()) end(DownReason::kSilence);
  if (!over_ && now >= dtls_timeout_) {
    take(dtls_->on_timeout(), {});
    note_dtls_timeout(now);
  }
  if (!over_ && !up_ && now >= deadline_) on_deadline();
}

void IceLink::tell(Instant now) {
  if (!told_.complete() && !agent_->gathered() && now < describe_at_) return;
  LinkDescription description;
  agent_->describe(description);
  description.fingerprint = certificate_.fingerprint();
  description.native = true;
  if (description == told_) return;
  told_ = description;
  shared_.owner.on_link_described(*this, told_);
}

// Without a candidate the other side cannot reach us, but its packets would still find us, unless
// they may come through a relay only.
void IceLink::check_candidates(Instant now) {
  if (!told_.candidates().empty() || agent_->selected()) return;
  if (!shared_.options.relay_only) {
    if (agent_->gathered()) end(DownReason::kNoCandidates);
    return;
  }
  if (agent_->gathered() || now >= gathering_limit_) ask_turn_server(DownReason::kRelaySilent);
}

// The first pair starts DTLS; a better one may follow.
void IceLink::note_pair() {
  path_ = agent_->path();
  remote_endpoint_ = agent_->remote_endpoint();
  wire_overhead_ = (is_ipv4(remote_endpoint_) ? kIpv4Overhead : kIpv6Overhead) +
                   (path_ == PathKind::kRelayed ? kTurnOverhead : 0);
  if (dtls_ == nullptr) begin_session();
}

void IceLink::begin_session() {
  agent_->settle();
  dtls_ = DtlsSession::create(shared_.dtls,
                              {.client = role_ == LinkRole::kResponder,
                               .own = certificate_,
                               .expected = remote_.fingerprint,
                               .first_timeout = profile().dtls_timeout},
                              *this);
  if (role_ == LinkRole::kResponder) dtls_->start();
  note_dtls_timeout(Loop::now());
  for (auto& datagram : std::exchange(early_, {})) {
    if (!over_) receive(datagram);
  }
}

void IceLink::note_dtls_timeout(Instant now) {
  const auto left = dtls_ != nullptr ? dtls_->timeout() : std::nullopt;
  dtls_timeout_ = left ? now + *left : Instant::never();
}

void IceLink::on_ice_datagram(MutableByteSpan datagram) {
  if (over_) return;
  ++shared_.stats.datagrams_in;
  shared_.stats.wire_in += datagram.size() + wire_overhead_;
  if (datagram.size() > kMaxDatagramSize || classify(datagram) != PacketKind::kDtls) {
    ++shared_.stats.alien;
  } else if (dtls_ != nullptr) {
    receive(datagram);
  } else if (early_.size() < kMaxEarlyDatagrams) {
    early_.emplace_back(datagram.begin(), datagram.end());
  }
}

void IceLink::receive(MutableByteSpan datagram) {
  const bool was_up = dtls_->up();
  while (const auto record = next_record(datagram)) {
    ByteSpan message;
    const DtlsSession::Event event = dtls_->receive(*record, message);
    take(event, message);
    if (over_) return;
  }
  if (!was_up) {
    note_dtls_timeout(Loop::now());
    shared_.owner.on_link_due();
  }
}

void IceLink::take(DtlsSession::Event event, ByteSpan message) {
  switch (event) {
    case DtlsSession::Event::kNothing:
      break;
    case DtlsSession::Event::kUp:
      on_established();
      break;
    case DtlsSession::Event::kMessage:
      take_message(message);
      break;
    case DtlsSession::Event::kClosed:
      end(DownReason::kClosedByPeer);
      break;
    case DtlsSession::Event::kFailed:
      end(dtls_->wrong_certificate() ? DownReason::kWrongCertificate
                                     : DownReason::kHandshakeFailed);
      break;
  }
}

void IceLink::take_message(ByteSpan message) {
  const bool sctp = message[0] == kSctpFirstByte;
  if (sctp && sctp_ != nullptr) {
    sctp_->receive(message);
  } else if (!sctp && up_ && raw() && message.size() <= kMaxMessageSize) {
    shared_.owner.on_link_message(*this, message);
  } else {
    ++shared_.stats.alien;
  }
}

void IceLink::on_message(Lane, ByteSpan message) {
  if (!over_) shared_.owner.on_link_message(*this, message);
}

void IceLink::on_established() {
  if (raw()) return come_up();
  sctp_ = SctpAssociation::create(&shared_.loop,
                                  {.dtls_client = role_ == LinkRole::kResponder, .path = path_},
                                  sctp_out_, *this);
}

void IceLink::come_up() {
  if (over_ || up_) return;
  up_ = true;
  shared_.owner.on_link_up(*this);
}

bool IceLink::send(Lane lane, ByteSpan message) {
  if (!up_ || over_) return false;
  return sctp_ != nullptr ? sctp_->send(lane, message) : dtls_->send(message);
}

void IceLink::send_datagram(ByteSpan datagram) {
  if (agent_->send(datagram)) {
    ++shared_.stats.datagrams_out;
    shared_.stats.wire_out += datagram.size() + wire_overhead_;
  } else {
    ++shared_.stats.unsent;
  }
}

void IceLink::on_deadline() {
  if (!remote_.complete()) return end(DownReason::kNoDescription);
  if (agent_->selected()) return end(DownReason::kHandshakeFailed);
  const bool relay_missing =
      !shared_.options.turn.empty() && !told_.offers(CandidateType::kRelayed);
  if (!relay_missing) return end(DownReason::kNoPath);
  ask_turn_server(DownReason::kNoPath);
}

// Finds out what is wrong with a TURN server that has given us no address.
void IceLink::ask_turn_server(DownReason otherwise) {
  if (probe_ != nullptr) return;
  if (shared_.options.turn.empty()) return end(DownReason::kNoCandidates);
  deadline_ = Instant::never();
  probe_ = std::make_unique<TurnProbe>(
      shared_.loop, shared_.options.turn.front(), [this, otherwise](TurnProbe::Result result) {
        end(result == TurnProbe::Result::kRefused ? DownReason::kRelayRefused : otherwise);
      });
}

void IceLink::close() {
  if (sctp_ != nullptr) sctp_->close();
  if (dtls_ != nullptr) dtls_->close();
  over_ = true;
}

void IceLink::end(DownReason reason) {
  if (over_) return;
  over_ = true;
  shared_.owner.on_link_down(*this, reason);
}

}  // namespace swarmcast::transport
