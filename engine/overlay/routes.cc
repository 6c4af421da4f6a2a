#include "engine/overlay/routes.h"

#include <algorithm>

namespace swarmcast::overlay {

void Routes::add_neighbour(const PeerId& peer, Step step) {
  std::erase_if(neighbours_, [&](const Neighbour& n) { return n.step == step; });
  // Links first: what is at the end of a path is only what it says of itself.
  if (neighbours_.size() < kMaxLinks + kMaxSignalPaths)
    neighbours_.insert(step.external ? neighbours_.end() : neighbours_.begin(), {peer, step});
}

void Routes::on_named(Instant now, const PeerId& peer, Step step) {
  const auto it = std::ranges::find(named_, peer, &Named::peer);
  if (it != named_.end()) {
    const bool held = it->step != step && it->named + kRouteHold > now;
    if (!held) *it = {peer, step, now, now};
    return;
  }
  if (named_.size() >= kMaxRoutes) named_.erase(std::ranges::min_element(named_, {}, &Named::used));
  named_.push_back({peer, step, now, now});
}

void Routes::on_signal(Instant now, const PeerId& from, const PeerId& to, Step step) {
  const auto it =
      std::ranges::find_if(back_, [&](const Back& b) { return b.from == to && b.to == from; });
  if (it != back_.end()) {
    const bool fresh = it->seen + kReversePathAge > now;
    if (it->step == step || !fresh) *it = {to, from, step, now};
    return;
  }
  if (back_.size() >= kMaxRoutes) back_.erase(std::ranges::min_element(back_, {}, &Back::seen));
  back_.push_back({to, from, step, now});
}

void Routes::forget(Step step) {
  std::erase_if(neighbours_, [&](const Neighbour& n) { return n.step == step; });
  std::erase_if(named_, [&](const Named& n) { return n.step == step; });
  std::erase_if(back_, [&](const Back& b) { return b.step == step; });
}

std::optional<Step> Routes::next(Instant now, const PeerId& from, const PeerId& to) {
  const auto neighbour = std::ranges::find(neighbours_, to, &Neighbour::peer);
  if (neighbour != neighbours_.end()) return neighbour->step;
  const auto back =
      std::ranges::find_if(back_, [&](const Back& b) { return b.from == from && b.to == to; });
  if (back != back_.end() && back->seen + kReversePathAge > now) return back->step;
  const auto named = std::ranges::find(named_, to, &Named::peer);
  if (named == named_.end()) return std::nullopt;
  named->used = now;
  return named->step;
}

}  // namespace swarmcast::overlay
