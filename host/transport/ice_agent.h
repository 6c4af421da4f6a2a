// One path to one peer, found and kept open by ICE (RFC 8445): a libnice agent with one component.
#pragma once

#include <memory>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/link_description.h"
#include "host/loop/loop.h"
#include "host/transport/ice_options.h"
#include "host/transport/link.h"

// libnice's. NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming)
using NiceAgent = struct _NiceAgent;
using NiceCandidate = struct _NiceCandidate;
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)

namespace swarmcast::transport {

class IceAgent {
 public:
  struct Setup {
    bool controlling = false;
    std::vector<Endpoint> addresses;  // to gather host candidates at; not empty
    std::vector<StunServer> stun;     // at most one is used
    std::vector<TurnServer> turn;
    bool relay_only = false;
    IceProfile profile;
  };
  class Events {
   public:
    virtual ~Events() = default;
    // Candidates, selection or state have changed: look. May come from within any method.
    virtual void on_ice_change() = 0;
    // From the loop only. The bytes may be overwritten.
    virtual void on_ice_datagram(MutableByteSpan datagram) = 0;
  };

  // Begins to gather. Both arguments outlive the agent. The agent must not be destroyed from
  // within an event.
  IceAgent(Loop& loop, const Setup& setup, Events& events);
  ~IceAgent();
  IceAgent(const IceAgent&) = delete;

  // All candidates of this side are known; perhaps there are none.
  bool gathered() const { return gathered_; }
  // Writes credentials and candidates as known by now.
  void describe(LinkDescription& description) const;
  // What the peer said. Candidates we cannot send to are left out. False if the credentials are
  // not those it gave before.
  bool set_remote(const LinkDescription& description);

  // A pair of candidates is in use.
  bool selected() const { return selected_; }
  // The pair has stopped working (RFC 7675).
  bool failed() const { return failed_; }
  PathKind path() const;
  Endpoint remote_endpoint() const;
  // Slows down what is left to check.
  void settle();
  // False if there is no pair, or the kernel takes no more.
  bool send(ByteSpan datagram);

 private:
  struct Callbacks;

  void set_up_servers(const Setup& setup);
  bool usable(const Endpoint& remote) const;

  NiceAgent* agent_;
  unsigned stream_ = 0;
  Events& events_;
  bool relay_only_;
  bool on_loopback_ = false;
  LinkDescription remote_;
  bool gathered_ = false;
  bool selected_ = false;
  bool failed_ = false;
};

}  // namespace swarmcast::transport
