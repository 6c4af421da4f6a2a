#include "host/transport/link_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

bool same_network(const Endpoint& a, const Endpoint& b) {
  if (is_ipv4(a) != is_ipv4(b)) return false;
  const size_t prefix = is_ipv4(a) ? 15 : 6;  // /24 of the mapped address, /48
  return std::equal(a.ip.begin(), a.ip.begin() + prefix, b.ip.begin());
}

}  // namespace

size_t EndpointHash::operator()(const Endpoint& endpoint) const noexcept {
  return std::hash<std::string_view>()(
             {reinterpret_cast<const char*>(endpoint.ip.data()), endpoint.ip.size()}) ^
         endpoint.port * size_t{0x9e3779b97f4a7c15};
}

NativeLink* LinkTable::find_up(LinkId id) const {
  const auto it = up_.find(id);
  return it == up_.end() ? nullptr : it->second.get();
}

NativeLink* LinkTable::find_dialled(LinkId id) const {
  const auto it = std::ranges::find_if(pending_, [&](const auto& entry) {
    return entry.second->ours() && entry.second->id() == id;
  });
  return it == pending_.end() ? nullptr : it->second.get();
}

NativeLink* LinkTable::up_at(const Endpoint& remote) const {
  const auto it = by_endpoint_.find(remote);
  return it == by_endpoint_.end() ? nullptr : it->second;
}

NativeLink* LinkTable::pending_at(const Endpoint& remote) const {
  const auto it = pending_.find(remote);
  return it == pending_.end() ? nullptr : it->second.get();
}

bool LinkTable::is_up(const DialCredentials& credentials) const {
  return std::ranges::any_of(up_, [&](const auto& entry) {
    return entry.second->credentials().ufrag == credentials.ufrag;
  });
}

size_t LinkTable::half_open() const {
  return static_cast<size_t>(
      std::ranges::count_if(pending_, [](const auto& entry) { return !entry.second->ours(); }));
}

size_t LinkTable::half_open_from(const Endpoint& network) const {
  return static_cast<size_t>(std::ranges::count_if(pending_, [&](const auto& entry) {
    return !entry.second->ours() && same_network(entry.first, network);
  }));
}

bool LinkTable::has_room() const {
  return up_.size() + (pending_.size() - half_open()) < max_links_;
}

void LinkTable::add_pending(LinkPtr link) {
  const Endpoint remote = link->path().remote;
  const bool added = pending_.emplace(remote, std::move(link)).second;
  SWARMCAST_CHECK(added);
}

LinkTable::LinkPtr LinkTable::take_pending(const NativeLink& link) {
  const auto it = pending_.find(link.path().remote);
  SWARMCAST_CHECK(it != pending_.end() && it->second.get() == &link);
  LinkPtr out = std::move(it->second);
  pending_.erase(it);
  return out;
}

void LinkTable::add_up(LinkPtr link) {
  by_endpoint_[link->path().remote] = link.get();
  const LinkId id = link->id();
  up_[id] = std::move(link);
}

void LinkTable::move(NativeLink& link, const Path& path) {
  by_endpoint_.erase(link.path().remote);
  link.move_to(path);
  by_endpoint_[path.remote] = &link;
}

bool LinkTable::forget(NativeLink& link) {
  const auto owner = up_.find(link.id());
  if (owner != up_.end() && owner->second.get() == &link) {
    by_endpoint_.erase(link.path().remote);
    keep_unused(std::move(owner->second));
    up_.erase(owner);
    return true;
  }
  const auto pending = pending_.find(link.path().remote);
  if (pending == pending_.end() || pending->second.get() != &link) return false;
  keep_unused(std::move(pending->second));
  pending_.erase(pending);
  return true;
}

void LinkTable::free_half_open(const DialCredentials& credentials) {
  std::erase_if(pending_, [&](const auto& entry) {
    return !entry.second->ours() && entry.second->credentials().ufrag == credentials.ufrag;
  });
}

}  // namespace swarmcast::transport
