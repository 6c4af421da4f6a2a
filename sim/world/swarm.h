// What the figures of a run are read from.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/ids.h"
#include "sim/net/network.h"

namespace swarmcast::sim {

using NodeId = uint32_t;  // the source is 0; also the node's HostId

// What a node has received since it began, as it says itself, and where it stands.
struct Sample {
  uint64_t fresh = 0;  // bytes of payload
  uint64_t again = 0;  // of payload that was there already
  int hop = 0;         // below the source; 0: not placed
};

class Swarm {
 public:
  virtual ~Swarm() = default;
  virtual Instant now() const = 0;
  // Nodes that ever were.
  virtual size_t size() const = 0;
  virtual bool alive(NodeId node) const = 0;
  // Of a living node.
  virtual Sample sample(NodeId node) const = 0;
  // Whom it receives a stripe from; nullopt: from nobody, or from no one in particular.
  virtual std::optional<NodeId> parent(NodeId node, StripeId stripe) const = 0;
  virtual const Network& network() const = 0;
};

}  // namespace swarmcast::sim
