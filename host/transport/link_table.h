// The links of a native transport, and where they lead.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "host/transport/native_link.h"

namespace swarmcast::transport {

struct EndpointHash {
  size_t operator()(const Endpoint& endpoint) const noexcept;
};

// A link is pending, dialled by us or half-open, until it is up. One of each kind may lead to one
// remote endpoint: somebody begins anew where an older link is still up.
class LinkTable {
 public:
  using LinkPtr = std::unique_ptr<NativeLink>;
  using Up = std::unordered_map<LinkId, LinkPtr>;
  using Pending = std::unordered_map<Endpoint, LinkPtr, EndpointHash>;  // by the remote endpoint

  explicit LinkTable(size_t max_links) : max_links_(max_links) {}

  const Up& up() const { return up_; }
  const Pending& pending() const { return pending_; }

  // nullptr if there is none.
  NativeLink* find_up(LinkId id) const;
  NativeLink* find_dialled(LinkId id) const;  // not yet up
  NativeLink* up_at(const Endpoint& remote) const;
  NativeLink* pending_at(const Endpoint& remote) const;

  // Whether a link of the same dial is up.
  bool is_up(const DialCredentials& credentials) const;
  // Begun by strangers; in all, or by one network: IPv4 /24, IPv6 /48.
  size_t half_open() const;
  size_t half_open_from(const Endpoint& network) const;
  // For one more that is up or being dialled.
  bool has_room() const;

  // Its remote endpoint must have no pending link.
  void add_pending(LinkPtr link);
  // Takes it out of the table.
  LinkPtr take_pending(const NativeLink& link);
  // It has its id, and no other link to its remote endpoint is up.
  void add_up(LinkPtr link);
  // A link that is up has a new path.
  void move(NativeLink& link, const Path& path);

  // Takes the link out of the table. False if that has been done before.
  bool forget(NativeLink& link);
  // Frees the half-open ones of one dial.
  void free_half_open(const DialCredentials& credentials);
  // Keeps what may still be in use, as forget() does, until free_unused().
  void keep_unused(LinkPtr link) { unused_.push_back(std::move(link)); }
  void free_unused() { unused_.clear(); }

 private:
  const size_t max_links_;
  Up up_;
  std::unordered_map<Endpoint, NativeLink*, EndpointHash> by_endpoint_;  // of up_
  Pending pending_;
  std::vector<LinkPtr> unused_;
};

}  // namespace swarmcast::transport
