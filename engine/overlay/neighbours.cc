#include "engine/overlay/neighbours.h"

#include <algorithm>

#include "engine/base/limits.h"

namespace swarmcast::overlay {

LinkDirection Neighbour::direction() const {
  if (up == Up::kParent) return LinkDirection::kParent;
  if (down == Down::kChild) return LinkDirection::kChild;
  if (up == Up::kStandby) return LinkDirection::kBackup;
  if (down == Down::kStandby) return LinkDirection::kStandby;
  return LinkDirection::kOther;
}

Neighbour* Neighbours::find(LinkId link) {
  const auto it = std::ranges::find(all_, link, &Neighbour::link);
  return it == all_.end() ? nullptr : &*it;
}

Neighbour* Neighbours::find(const Contact& contact) {
  const auto it = std::ranges::find_if(
      all_, [&](const Neighbour& n) { return same_peer({n.peer, n.remote, {}}, contact); });
  return it == all_.end() ? nullptr : &*it;
}

bool Neighbours::is_child(const PeerId& peer) const {
  return std::ranges::any_of(all_, [&](const Neighbour& n) {
    return n.peer == peer && n.down == Neighbour::Down::kChild;
  });
}

Neighbour* Neighbours::add(Neighbour n) {
  if (all_.size() >= kMaxLinks) return nullptr;
  all_.push_back(std::move(n));
  return &all_.back();
}

void Neighbours::remove(LinkId link) {
  std::erase_if(all_, [&](const Neighbour& n) { return n.link == link; });
}

size_t Neighbours::count(Neighbour::Down down) const {
  return static_cast<size_t>(std::ranges::count(all_, down, &Neighbour::down));
}

uint8_t Neighbours::levels_below() const {
  int levels = 0;
  for (const Neighbour& n : all_) {
    if (n.down != Neighbour::Down::kChild) continue;
    levels = std::max(levels, 1 + (n.report ? n.report->height : 0));
  }
  return static_cast<uint8_t>(std::min<int>(levels, kMaxDepth));
}

}  // namespace swarmcast::overlay
