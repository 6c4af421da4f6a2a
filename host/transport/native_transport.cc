#include "host/transport/native_transport.h"

#include <algorithm>
#include <string_view>

#include "engine/base/check.h"
#include "host/platform/sodium_crypto.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

constexpr int kMaxBatchesPerWakeup = 8;  // then timers and other sources get their turn
constexpr size_t kMinStunSize = 20;
// How far a record's number may be ahead of the last one when its sender's address has changed.
constexpr uint64_t kMaxSequenceJump = uint64_t{1} << 20;

bool is_dialable(const Endpoint& e) {
  const bool multicast = is_ipv4(e) ? e.ip[12] >= 224 : e.ip[0] == 0xff;
  return e.port != 0 && !is_unspecified(e) && !multicast;
}

}  // namespace

// While one lives, links are not freed and nothing is flushed: callbacks may call back.
class NativeTransport::Busy {
 public:
  explicit Busy(NativeTransport& transport) : transport_(transport) { ++transport_.busy_; }
  ~Busy() {
    if (--transport_.busy_ > 0) return;
    transport_.socket_.flush();
    transport_.links_.free_unused();
    transport_.schedule();
  }
  Busy(const Busy&) = delete;

 private:
  NativeTransport& transport_;
};

NativeTransport::NativeTransport(Loop& loop, const CryptoProvider& crypto,
                                 const SwarmSecret& secret, LinkEvents& events,
                                 const NativeLimits& limits)
    : loop_(loop),
      crypto_(crypto),
      secret_(secret),
      events_(events),
      limits_(limits),
      links_(limits.max_links),
      timer_(loop, [this] { on_timer(); }) {}

NativeTransport::~NativeTransport() {
  for (const auto& [id, link] : links_.up()) link->say_goodbye();
  socket_.flush();
  crypto_.wipe(secret_);
}

std::optional<std::string> NativeTransport::listen(const Endpoint& where) {
  if (auto error = socket_.open(where)) return error;
  watch_ = std::make_unique<Loop::FdWatch>(loop_, socket_.fd(), Loop::FdWatch::kReadable,
                                           [this](unsigned) { on_readable(); });
  next_tick_ = Loop::now() + limits_.tick;
  schedule();
  return std::nullopt;
}

void NativeTransport::dial(LinkId id, const Contact& contact) {
  SWARMCAST_CHECK(watch_ != nullptr && (id.value() & kDialledLinkBit) != 0);
  if (!is_dialable(contact.endpoint)) return fail_later(id, DownReason::kUnreachable);
  if (links_.up_at(contact.endpoint) != nullptr || links_.pending_at(contact.endpoint) != nullptr) {
    return fail_later(id, DownReason::kAlreadyLinked);
  }
  if (!links_.has_room()) return fail_later(id, DownReason::kTooManyLinks);
  DialNonce nonce;
  platform::system_random(nonce);
  const auto credentials = make_credentials(crypto_, secret_, contact.fingerprint, nonce);
  socket_.flush();  // so that what the next flush meets concerns this address only
  auto link = NativeLink::dial(shared_, id, contact, credentials, Loop::now());
  socket_.flush();
  if (!socket_.reachable()) return fail_later(id, DownReason::kUnreachable);
  links_.add_pending(std::move(link));
  schedule();
}

bool NativeTransport::send(LinkId id, Lane lane, ByteSpan message) {
  SWARMCAST_CHECK(!message.empty() && message.size() <= kMaxMessageSize &&
                  message[0] != kSctpFirstByte);
  NativeLink* link = links_.find_up(id);
  if (link == nullptr) return false;
  sending_ = true;
  const bool sent = link->send(lane, message);
  sending_ = false;
  return sent;
}

void NativeTransport::flush() {
  if (busy_ == 0) socket_.flush();
}

void NativeTransport::close(LinkId id) {
  const Busy busy(*this);
  if (NativeLink* link = links_.find_up(id)) {
    link->say_goodbye();
    links_.forget(*link);
  } else if (NativeLink* dialled = links_.find_dialled(id)) {
    links_.forget(*dialled);
  }
}

void NativeTransport::on_readable() {
  const Busy busy(*this);
  now_ = Loop::now();
  for (int i = 0; i < kMaxBatchesPerWakeup; ++i) {
    auto handle = [this](const Path& path, MutableByteSpan datagram, Instant arrived) {
      arrived_ = arrived;
      on_datagram(path, datagram);
    };
    if (!socket_.receive(handle)) return;
  }
}

void NativeTransport::on_datagram(const Path& path, MutableByteSpan datagram) {
  const PacketKind kind = classify(datagram);
  const bool stun = kind == PacketKind::kStun && datagram.size() >= kMinStunSize;
  if (datagram.size() > kMaxDatagramSize || (!stun && kind != PacketKind::kDtls)) {
    ++stats_.alien;
  } else if (!stun) {
    on_dtls(path, datagram);
  } else if (IceLite::is_request(datagram)) {
    on_stun_request(path, datagram);
  } else {
    on_stun_answer(path, datagram);
  }
}

void NativeTransport::on_stun_request(const Path& path, ByteSpan datagram) {
  uint8_t buffer[kMaxStunSize];
  MutableByteSpan answer = buffer;
  NativeLink* link = links_.up_at(path.remote);
  auto lookup = [&](std::string_view ufrag) {
    // Consent (RFC 7675) is asked for again and again: then there is nothing to derive.
    return link != nullptr && link->credentials().ufrag_text() == ufrag
               ? link->credentials()
               : check_ufrag(crypto_, secret_, fingerprint(), ufrag);
  };
  const auto credentials = ice_.answer(datagram, path.remote, lookup, answer);
  if (!credentials) {
    if (!answer.empty()) return socket_.queue(path, answer);
    ++stats_.unauthentic;
    return;
  }
  if (link != nullptr && link->credentials().ufrag == credentials->ufrag) {
    link->heard(now_);
  } else {
    if (!admit(path, *credentials, datagram.size())) return;
    link = links_.pending_at(path.remote);
  }
  if (link != nullptr) {
    link->answer_stun(answer);
  } else {
    socket_.queue(path, answer);  // no longer than the request
  }
  for (size_t i = 0; i < EarlyFlights::kMaxDatagrams; ++i) {
    const MutableByteSpan early = early_.take(path.remote, now_);
    if (early.empty()) return;
    on_dtls(path, early);
  }
}

// Makes sure that there is a half-open link for an authentic request, or none because the request
// belongs to a link elsewhere. False: the request is to be ignored. A dialler with several
// addresses tries them all, and says by its ClientHello which one it means to use.
bool NativeTransport::admit(const Path& path, const DialCredentials& credentials, size_t bytes) {
  NativeLink* old = links_.pending_at(path.remote);
  if (old != nullptr && old->ours()) {
    // Both dial at once. Both sides see both names, and agree on which dial goes on.
    if (credentials.ufrag <= old->credentials().ufrag) return false;
    fail_later(old->id(), DownReason::kAlreadyLinked);
    links_.forget(*old);
  } else if (old != nullptr) {
    if (old->credentials().ufrag == credentials.ufrag) {
      old->credit(bytes, now_);
      return true;
    }
    links_.forget(*old);  // the dialler has begun anew
  } else if (links_.is_up(credentials)) {
    return true;
  }
  if (!links_.has_room() || half_open() >= limits_.max_half_open ||
      links_.half_open_from(path.remote) >= limits_.max_half_open_per_network) {
    ++stats_.over_limit;
    return false;
  }
  auto link = NativeLink::accept(shared_, path, credentials, now_);
  link->credit(bytes, now_);
  links_.add_pending(std::move(link));
  return true;
}

void NativeTransport::on_stun_answer(const Path& path, ByteSpan datagram) {
  for (NativeLink* link : {links_.up_at(path.remote), links_.pending_at(path.remote)}) {
    if (link == nullptr || !link->take_stun_answer(datagram)) continue;
    return link->heard(now_);
  }
  ++stats_.unauthentic;
}

void NativeTransport::on_dtls(const Path& path, MutableByteSpan datagram) {
  if (NativeLink* half = links_.pending_at(path.remote)) half->credit(datagram.size(), now_);
  const ByteSpan whole = datagram;
  while (const auto record = next_record(datagram)) {
    // Callbacks may have ended any link: look again for each record.
    NativeLink* link = links_.up_at(path.remote);
    if (link != nullptr && record->epoch > 0 && give(*link, *record)) continue;
    if (NativeLink* half = links_.pending_at(path.remote)) {
      give_half_open(*half, *record);
    } else if (link != nullptr) {
      ++stats_.unauthentic;
    } else if (record->epoch == 0) {
      early_.keep(path.remote, whole, now_);
      return;
    } else if (!try_move(path, *record)) {
      ++stats_.alien;
    }
  }
}

// False if the record is not an authentic one of this link.
bool NativeTransport::give(NativeLink& link, const DtlsRecord& record) {
  ByteSpan message;
  switch (link.receive(record, message, now_)) {
    case DtlsSession::Event::kMessage:
      deliver(link, message);
      return true;
    case DtlsSession::Event::kClosed:
      end(link, DownReason::kClosedByPeer);
      return true;
    default:
      return false;
  }
}

void NativeTransport::deliver(NativeLink& link, ByteSpan message) {
  if (message[0] == kSctpFirstByte) {
    if (!link.take_sctp(message)) ++stats_.alien;
  } else if (message.size() > kMaxMessageSize || !link.take_plain_message()) {
    ++stats_.alien;
  } else {
    events_.on_message(link.id(), message, arrived_);
  }
}

void NativeTransport::on_channel_message(NativeLink& link, ByteSpan message) {
  const Busy busy(*this);
  events_.on_message(link.id(), message, Instant::never());
}

void NativeTransport::on_channels_closed(NativeLink& link) {
  const Busy busy(*this);
  link.say_goodbye();
  end(link, DownReason::kClosedByPeer);
}

void NativeTransport::on_channel_output() {
  if (busy_ == 0 && !sending_) socket_.flush();  // a timer of SCTP's: nobody else will
}

void NativeTransport::give_half_open(NativeLink& link, const DtlsRecord& record) {
  ByteSpan message;
  switch (link.receive(record, message, now_)) {
    case DtlsSession::Event::kUp:
      promote(link);
      break;
    case DtlsSession::Event::kFailed:
      end(link, link.dtls()->wrong_certificate() ? DownReason::kWrongCertificate
                                                 : DownReason::kHandshakeFailed);
      break;
    default:
      break;
  }
}

// A record from an unknown address may be a neighbour's whose address has changed. Only an
// authentic record that is newer than all before moves the link: a copy of an old one, sent by
// someone else, does not.
bool NativeTransport::try_move(const Path& path, const DtlsRecord& record) {
  if (record.type != DtlsRecord::kData) return false;
  for (const auto& [id, link] : links_.up()) {
    const uint64_t highest = link->dtls()->highest_sequence();
    if (record.sequence <= highest || record.sequence - highest > kMaxSequenceJump) continue;
    if (trials_ == limits_.max_trials_per_tick) return false;
    ++trials_;
    ByteSpan message;
    if (link->receive(record, message, now_) != DtlsSession::Event::kMessage) continue;
    links_.move(*link, path);
    deliver(*link, message);
    return true;
  }
  return false;
}

void NativeTransport::promote(NativeLink& link) {
  auto owned = links_.take_pending(link);
  if (!links_.has_room()) {  // others were faster; a dial has had its place reserved
    SWARMCAST_CHECK(!link.ours());
    link.dtls()->close();
    links_.keep_unused(std::move(owned));
    return;
  }
  if (NativeLink* old = links_.up_at(link.path().remote)) end(*old, DownReason::kReplaced);
  if (!link.ours()) {
    link.set_id(LinkId(next_inbound_++));
    links_.free_half_open(link.credentials());
  }
  SWARMCAST_CHECK(link.ours() || (link.id().value() & kDialledLinkBit) == 0);
  links_.add_up(std::move(owned));
  events_.on_up(link.id(), link.ours(), link.dtls()->local_fingerprint(),
                link.dtls()->remote_fingerprint(), link.path().remote);
}

void NativeTransport::end(NativeLink& link, DownReason reason) {
  const bool known = link.ours() || link.id() != LinkId();
  if (links_.forget(link) && known) events_.on_down(link.id(), reason);
}

void NativeTransport::fail_later(LinkId id, DownReason reason) {
  failed_.emplace_back(id, reason);
  schedule();
}

void NativeTransport::on_timer() {
  const Busy busy(*this);
  now_ = Loop::now();
  for (const auto& [id, reason] : std::exchange(failed_, {})) events_.on_down(id, reason);
  std::vector<std::pair<NativeLink*, DownReason>> over;
  for (const auto& [remote, link] : links_.pending()) {
    if (link->next_timer() > now_) continue;
    if (const auto reason = link->on_timer(now_)) over.emplace_back(link.get(), *reason);
  }
  for (const auto& [link, reason] : over) end(*link, reason);
  if (now_ >= next_tick_) on_ticks();
}

void NativeTransport::on_ticks() {
  next_tick_ = now_ + limits_.tick;
  trials_ = 0;
  std::vector<LinkId> ids;
  ids.reserve(links_.up().size());
  for (const auto& [id, link] : links_.up()) ids.push_back(id);
  for (LinkId id : ids) {
    NativeLink* link = links_.find_up(id);
    if (link == nullptr) continue;
    if (const auto reason = link->on_tick(now_)) end(*link, *reason);
  }
}

void NativeTransport::schedule() {
  if (!failed_.empty()) return timer_.set(Instant::from_us(0));
  Instant next = next_tick_;
  for (const auto& [remote, link] : links_.pending()) next = std::min(next, link->next_timer());
  timer_.set(next);
}

}  // namespace swarmcast::transport
