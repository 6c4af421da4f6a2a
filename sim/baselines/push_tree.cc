// A push tree whose children ask for what is missing in their parent's numbers.
#include "sim/baselines/designs.h"
#include "sim/baselines/link_repair.h"
#include "sim/baselines/tree.h"

namespace swarmcast::sim {
namespace {

class NakPeer final : public TreePeer {
 public:
  NakPeer(Host& host, NodeId self) : TreePeer(host, self), repair_(host, self) {}

  void on_packet(NodeId from, const Message& message) override {
    if (message.kind == Message::Kind::kNak) return repair_.on_nak(from, message);
    if (from == parent()) repair_.on_fragment(from, message);
    take(message);
  }
  void on_timer() override { repair_.on_timer(); }

 protected:
  void number(NodeId to, Message& message) override { repair_.number(to, message); }
  void on_neighbour_gone(NodeId neighbour) override { repair_.forget(neighbour); }

 private:
  LinkRepair repair_;
};

class PushTree final : public TreeDesign {
 public:
  using TreeDesign::TreeDesign;

 private:
  std::unique_ptr<TreePeer> make_peer(NodeId node) override {
    return std::make_unique<NakPeer>(host(), node);
  }
};

}  // namespace

std::unique_ptr<Design> push_tree(Host& host, DataRate rate) {
  return std::make_unique<PushTree>(host, rate);
}

}  // namespace swarmcast::sim
