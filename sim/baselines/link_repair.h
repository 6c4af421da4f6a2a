// Numbers on each link, and NAKs for the gaps in them: what the push tree repairs by.
#pragma once

#include <map>
#include <vector>

#include "sim/baselines/peer.h"

namespace swarmcast::sim {

// Of one peer, for all its links. A gap is asked for at once, and again a little more than a true
// round trip later, until it is too late.
class LinkRepair {
 public:
  LinkRepair(Host& host, NodeId self) : host_(host), self_(self) {}

  // A fragment leaves for `to`.
  void number(NodeId to, Message& message);
  // A fragment has come.
  void on_fragment(NodeId from, const Message& message);
  void on_nak(NodeId from, const Message& nak);
  // Asks for what is due, and says when it wants to be called again.
  void on_timer();
  void forget(NodeId neighbour);

 private:
  // Numbers that can still be answered.
  static constexpr uint32_t kLog = 2'048;

  struct Sent {
    uint32_t sequence = 0;
    FragmentKey fragment;
  };
  struct Out {
    uint32_t next = 0;
    std::vector<Sent> log;
  };
  struct Missing {
    Instant ask_at, give_up_at;
  };
  struct In {
    bool any = false;
    uint32_t expected = 0;
    std::map<uint32_t, Missing> missing;
  };
  Instant ask(NodeId from, In& link);

  Host& host_;
  NodeId self_;
  std::map<NodeId, Out> out_;
  std::map<NodeId, In> in_;
};

}  // namespace swarmcast::sim
