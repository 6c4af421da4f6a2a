#include "host/transport/native_transport.h"

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

bool same_network(const Endpoint& a, const Endpoint& b) {
  if (is_ipv4(a) != is_ipv4(b)) return false;
  const size_t prefix = is_ipv4(a) ? 15 : 6;  // /24 of the mapped address, /48
  return std::equal(a.ip.begin(), a.ip.begin() + prefix, b.ip.begin());
}

bool is_dialable(const Endpoint& e) {
  const bool multicast = is_ipv4(e) ? e.ip[12] >= 224 : e.ip[0] == 0xff;
  return e.port != 0 && !is_unspecified(e) && !multicast;
}

}  // namespace

size_t EndpointHash::operator()(const Endpoint& endpoint) const noexcept {
  return std::hash<std::string_view>()(
             {reinterpret_cast<const char*>(endpoint.ip.data()), endpoint.ip.size()}) ^
         endpoint.port * size_t{0x9e3779b97f4a7c15};
}

// While one lives, links are not freed and nothing is flushed: callbacks may call back.
class NativeTransport::Busy {
 public:
  explicit Busy(NativeTransport& transport) : transport_(transport) { ++transport_.busy_; }
  ~Busy() {
    if (--transport_.busy_ > 0) return;
    transport_.socket_.flush();
    transport_.dead_.clear();
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
      timer_(loop, [this] { on_timer(); }) {}

NativeTransport::~NativeTransport() {
  for (auto& [id, link] : up_) link->say_goodbye();
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
  if (at(contact.endpoint) != nullptr || half_open_at(contact.endpoint) != nullptr) {
    return fail_later(id, DownReason::kAlreadyLinked);
  }
  if (!has_room()) return fail_later(id, DownReason::kTooManyLinks);
  DialNonce nonce;
  platform::system_random(nonce);
  const auto credentials = make_credentials(crypto_, secret_, contact.fingerprint, nonce);
  socket_.flush();  // so that what the next flush meets concerns this address only
  LinkPtr link = NativeLink::dial(shared_, id, contact, credentials, Loop::now());
  socket_.flush();
  if (!socket_.reachable()) return fail_later(id, DownReason::kUnreachable);
  pending_[contact.endpoint] = std::move(link);
  schedule();
}

bool NativeTransport::send(LinkId id, Lane lane, ByteSpan message) {
  SWARMCAST_CHECK(!message.empty() && message.size() <= kMaxMessageSize &&
                  message[0] != kSctpFirstByte);
  const auto it = up_.find(id);
  if (it == up_.end()) return false;
  sending_ = true;
  const bool sent = it->second->send(lane, message);
  sending_ = false;
  return sent;
}

void NativeTransport::flush() {
  if (busy_ == 0) socket_.flush();
}

void NativeTransport::close(LinkId id) {
  const Busy busy(*this);
  if (const auto it = up_.find(id); it != up_.end()) {
    it->second->say_goodbye();
    forget(*it->second);
    return;
  }
  for (const auto& [remote, link] : pending_) {
    if (!link->ours() || link->id() != id) continue;
    forget(*link);
    return;
  }
}

NativeLink* NativeTransport::at(const Endpoint& remote) const {
  const auto it = by_endpoint_.find(remote);
  return it == by_endpoint_.end() ? nullptr : it->second;
}

NativeLink* NativeTransport::half_open_at(const Endpoint& remote) const {
  const auto it = pending_.find(remote);
  return it == pending_.end() ? nullptr : it->second.get();
}

size_t NativeTransport::half_open() const {
  return static_cast<size_t>(
      std::ranges::count_if(pending_, [](const auto& entry) { return !entry.second->ours(); }));
}

bool NativeTransport::has_room() const {
  return up_.size() + (pending_.size() - half_open()) < limits_.max_links;
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
  NativeLink* link = at(path.remote);
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
    link = half_open_at(path.remote);
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
  NativeLink* old = half_open_at(path.remote);
  if (old != nullptr && old->ours()) {
    // Both dial at once. Both sides see both names, and agree on which dial goes on.
    if (credentials.ufrag <= old->credentials().ufrag) return false;
    fail_later(old->id(), DownReason::kAlreadyLinked);
    forget(*old);
  } else if (old != nullptr) {
    if (old->credentials().ufrag == credentials.ufrag) {
      old->credit(bytes, now_);
      return true;
    }
    forget(*old);  // the dialler has begun anew
  } else if (is_up(credentials)) {
    return true;
  }
  const auto from_there = std::ranges::count_if(pending_, [&](const auto& entry) {
    return !entry.second->ours() && same_network(entry.first, path.remote);
  });
  if (!has_room() || half_open() >= limits_.max_half_open ||
      static_cast<size_t>(from_there) >= limits_.max_half_open_per_network) {
    ++stats_.over_limit;
    return false;
  }
  LinkPtr link = NativeLink::accept(shared_, path, credentials, now_);
  link->credit(bytes, now_);
  pending_[path.remote] = std::move(link);
  return true;
}

bool NativeTransport::is_up(const DialCredentials& credentials) const {
  return std::ranges::any_of(up_, [&](const auto& entry) {
    return entry.second->credentials().ufrag == credentials.ufrag;
  });
}

void NativeTransport::on_stun_answer(const Path& path, ByteSpan datagram) {
  for (NativeLink* link : {at(path.remote), half_open_at(path.remote)}) {
    if (link == nullptr || !link->take_stun_answer(datagram)) continue;
    return link->heard(now_);
  }
  ++stats_.unauthentic;
}

void NativeTransport::on_dtls(const Path& path, MutableByteSpan datagram) {
  if (NativeLink* half = half_open_at(path.remote)) half->credit(datagram.size(), now_);
  const ByteSpan whole = datagram;
  while (const auto record = next_record(datagram)) {
    // Callbacks may have ended any link: look again for each record.
    NativeLink* link = at(path.remote);
    if (link != nullptr && record->epoch > 0 && give(*link, *record)) continue;
    if (NativeLink* half = half_open_at(path.remote)) {
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
  for (const auto& [id, link] : up_) {
    const uint64_t highest = link->dtls()->highest_sequence();
    if (record.sequence <= highest || record.sequence - highest > kMaxSequenceJump) continue;
    if (trials_ == limits_.max_trials_per_tick) return false;
    ++trials_;
    ByteSpan message;
    if (link->receive(record, message, now_) != DtlsSession::Event::kMessage) continue;
    by_endpoint_.erase(link->path().remote);
    link->move_to(path);
    by_endpoint_[path.remote] = link.get();
    deliver(*link, message);
    return true;
  }
  return false;
}

void NativeTransport::promote(NativeLink& link) {
  const auto it = pending_.find(link.path().remote);
  LinkPtr owned = std::move(it->second);
  pending_.erase(it);
  if (!has_room()) {  // others were faster; a dial has had its place reserved
    SWARMCAST_CHECK(!link.ours());
    link.dtls()->close();
    dead_.push_back(std::move(owned));
    return;
  }
  if (NativeLink* old = at(link.path().remote)) end(*old, DownReason::kReplaced);
  if (!link.ours()) {
    link.set_id(LinkId(next_inbound_++));
    forget_other_paths(link);
  }
  SWARMCAST_CHECK(link.ours() || (link.id().value() & kDialledLinkBit) == 0);
  by_endpoint_[link.path().remote] = &link;
  up_[link.id()] = std::move(owned);
  events_.on_up(link.id(), link.ours(), link.dtls()->local_fingerprint(),
                link.dtls()->remote_fingerprint(), link.path().remote);
}

// Of the dial that has led to this link.
void NativeTransport::forget_other_paths(const NativeLink& link) {
  std::erase_if(pending_, [&](const auto& entry) {
    return !entry.second->ours() && entry.second->credentials().ufrag == link.credentials().ufrag;
  });
}

// Takes the link out of all tables; it is freed when nothing can be using it any more. False if a
// callback has done so before.
bool NativeTransport::forget(NativeLink& link) {
  const auto owner = up_.find(link.id());
  if (owner != up_.end() && owner->second.get() == &link) {
    by_endpoint_.erase(link.path().remote);
    dead_.push_back(std::move(owner->second));
    up_.erase(owner);
    return true;
  }
  const auto pending = pending_.find(link.path().remote);
  if (pending == pending_.end() || pending->second.get() != &link) return false;
  dead_.push_back(std::move(pending->second));
  pending_.erase(pending);
  return true;
}

void NativeTransport::end(NativeLink& link, DownReason reason) {
  const bool known = link.ours() || link.id() != LinkId();
  if (forget(link) && known) events_.on_down(link.id(), reason);
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
  for (const auto& [remote, link] : pending_) {
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
  ids.reserve(up_.size());
  for (const auto& [id, link] : up_) ids.push_back(id);
  for (LinkId id : ids) {
    const auto it = up_.find(id);
    if (it == up_.end()) continue;
    if (const auto reason = it->second->on_tick(now_)) end(*it->second, *reason);
  }
}

void NativeTransport::schedule() {
  if (!failed_.empty()) return timer_.set(Instant::from_us(0));
  Instant next = next_tick_;
  for (const auto& [remote, link] : pending_) next = std::min(next, link->next_timer());
  timer_.set(next);
}

}  // namespace swarmcast::transport
