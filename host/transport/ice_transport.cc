#include "host/transport/ice_transport.h"

#include "engine/base/check.h"
#include "host/transport/interface_addresses.h"

namespace swarmcast::transport {

IceTransport::IceTransport(Loop& loop, DtlsContext& dtls, LinkEvents& events,
                           const TransportOptions& options, const IceLimits& limits)
    : loop_(loop),
      dtls_(dtls),
      events_(events),
      options_(options),
      limits_(limits),
      timer_(loop, [this] { on_timer(); }) {}

IceTransport::~IceTransport() {
  for (auto& [id, link] : links_) link->close();
}

void IceTransport::prepare(LinkId id, LinkRole role, LinkCertificate certificate) {
  SWARMCAST_CHECK((id.value() & kDialledLinkBit) != 0 && !has(id));
  if (links_.size() >= limits_.max_links) return fail_later(id, DownReason::kTooManyLinks);
  const std::vector<Endpoint> addresses = interface_addresses(bound_);
  if (addresses.empty()) return fail_later(id, DownReason::kNoCandidates);
  links_[id] = std::make_unique<IceLink>(shared_, id, role, certificate, addresses, prepared_++,
                                         Loop::now());
  schedule();
}

void IceTransport::set_remote_description(LinkId id, const LinkDescription& description) {
  const auto it = links_.find(id);
  if (it == links_.end()) return;
  it->second->set_remote(description, Loop::now());
  schedule();
}

PathKind IceTransport::path(LinkId id) const {
  const auto it = links_.find(id);
  return it == links_.end() ? PathKind::kDirect : it->second->path();
}

bool IceTransport::send(LinkId id, Lane lane, ByteSpan message) {
  SWARMCAST_CHECK(!message.empty() && message.size() <= kMaxMessageSize &&
                  message[0] != kSctpFirstByte);
  const auto it = links_.find(id);
  return it != links_.end() && it->second->send(lane, message);
}

void IceTransport::close(LinkId id) {
  const auto it = links_.find(id);
  if (it == links_.end()) return;
  it->second->close();
  forget(id);
}

void IceTransport::forget(LinkId id) {
  const auto it = links_.find(id);
  if (it == links_.end()) return;
  dead_.push_back(std::move(it->second));
  links_.erase(it);
  on_link_due();
}

void IceTransport::fail_later(LinkId id, DownReason reason) {
  failed_.emplace_back(id, reason);
  on_link_due();
}

void IceTransport::on_link_described(IceLink& link, const LinkDescription& description) {
  events_.on_local_description(link.id(), description);
}

void IceTransport::on_link_up(IceLink& link) {
  events_.on_up(link.id(), link.ours(), link.local_fingerprint(), link.remote_fingerprint(),
                link.remote_endpoint());
}

void IceTransport::on_link_message(IceLink& link, ByteSpan message) {
  events_.on_message(link.id(), message, Instant::never());
}

void IceTransport::on_link_down(IceLink& link, DownReason reason) {
  const LinkId id = link.id();
  forget(id);
  events_.on_down(id, reason);
}

void IceTransport::on_timer() {
  for (const auto& [id, reason] : std::exchange(failed_, {})) events_.on_down(id, reason);
  const Instant now = Loop::now();
  std::vector<LinkId> due;
  for (const auto& [id, link] : links_) {
    if (link->next_timer() <= now) due.push_back(id);
  }
  for (LinkId id : due) {
    // A callback may have ended it.
    if (const auto it = links_.find(id); it != links_.end()) it->second->on_timer(now);
  }
  dead_.clear();
  schedule();
}

void IceTransport::schedule() {
  if (!failed_.empty() || !dead_.empty()) return on_link_due();
  Instant next = Instant::never();
  for (const auto& [id, link] : links_) next = std::min(next, link->next_timer());
  timer_.set(next);
}

}  // namespace swarmcast::transport
