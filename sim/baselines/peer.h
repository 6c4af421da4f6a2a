// One interface for all baselines: a peer that gets packets and timers, and what it may do.
#pragma once

#include <memory>

#include "engine/base/random.h"
#include "sim/baselines/message.h"
#include "sim/world/swarm.h"

namespace swarmcast::sim {

// What leaves a host first.
enum class Urgency : uint8_t { kControl, kRepair, kMedia };

// What the simulator does for peers. They know more than real ones would: true round trips, true
// rates, the shape of every frame; and a host's queue is served at exactly the rate of its line,
// from which what would come too late is left out.
class Host {
 public:
  virtual ~Host() = default;
  virtual Instant now() const = 0;
  virtual const Stream& stream() const = 0;
  virtual Store& store(NodeId node) = 0;
  virtual bool alive(NodeId node) const = 0;
  virtual Duration round_trip(NodeId a, NodeId b) const = 0;
  virtual DataRate uplink(NodeId node) const = 0;
  virtual Prng& prng() = 0;
  // Queues it. Media that would arrive after `deadline` is not sent.
  virtual void send(NodeId from, NodeId to, Message message, Urgency urgency,
                    Instant deadline = Instant::never()) = 0;
  // How long what is queued now would take to leave.
  virtual Duration waiting(NodeId node) const = 0;
  // Calls the peer's on_timer() then, or earlier if it asked for that, too.
  virtual void wake(NodeId node, Instant at) = 0;
};

class Peer {
 public:
  virtual ~Peer() = default;
  virtual void on_packet(NodeId from, const Message& message) = 0;
  virtual void on_timer() {}
  // At the source: a frame has been captured and is in its store.
  virtual void on_captured(uint32_t) {}
  // The moment at which a message leaves the queue; false: it is not to be sent after all.
  virtual bool on_leaving(NodeId, Message&) { return true; }
  virtual std::optional<NodeId> parent() const { return std::nullopt; }
  // Below the source; 0: not placed. Where there is no tree: those of the newest fragment.
  virtual int hop() const = 0;
};

// A kind of swarm: makes peers and decides, knowing everything, who is whose neighbour.
class Design {
 public:
  virtual ~Design() = default;
  // The source is node 0 and the first.
  virtual std::unique_ptr<Peer> make(NodeId node) = 0;
  // The one that was made last is there and may be sent to.
  virtual void on_joined(NodeId node) = 0;
  // The others notice that it has vanished. Called kNoticed after it has.
  virtual void on_vanished(NodeId node) = 0;
};

// How long it takes to notice that a neighbour is gone: ticks every 40 ms and some jitter.
inline constexpr Duration kNoticed = Duration::millis(200);

// A fragment as any of them sends it.
inline Message fragment_message(const Stream& stream, FragmentKey key, Cause cause) {
  Message out;
  out.cause = cause;
  out.payload = stream[key.frame].payload;
  out.bytes = kBaselineHeader + out.payload;
  out.fragment = key;
  return out;
}

}  // namespace swarmcast::sim
