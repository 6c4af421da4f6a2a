// The way of signals: which neighbour or path is the next step towards a peer that is not a
// neighbour (spec/signalling.md, "The way"). Holds ids and nothing else.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/overlay/limits.h"

namespace swarmcast::overlay {

// A neighbour's link, or an external path.
struct Step {
  bool external = false;
  uint32_t id = 0;
  static Step over(LinkId link) { return {false, link.value()}; }
  static Step over(SignalPathId path) { return {true, path.value()}; }
  bool operator==(const Step&) const = default;
};

class Routes {
 public:
  // A neighbour whose link is proven; or an entry, at the other end of a path to it.
  void add_neighbour(const PeerId& peer, Step step);
  // `step` has named `peer` as one that others can turn to.
  void on_named(Instant now, const PeerId& peer, Step step);
  // A signal of `from` to `to` has come by `step`: that is the way back.
  void on_signal(Instant now, const PeerId& from, const PeerId& to, Step step);
  // The neighbour or path is gone.
  void forget(Step step);

  // Where a signal of `from` to `to` goes next.
  std::optional<Step> next(Instant now, const PeerId& from, const PeerId& to);
  size_t size() const { return named_.size() + back_.size(); }

 private:
  struct Neighbour {
    PeerId peer;
    Step step;
  };
  struct Named {
    PeerId peer;
    Step step;
    Instant named;
    Instant used;
  };
  struct Back {  // signals of `to` to `from` came by `step`
    PeerId from, to;
    Step step;
    Instant seen;
  };

  std::vector<Neighbour> neighbours_;
  std::vector<Named> named_;
  std::vector<Back> back_;
};

}  // namespace swarmcast::overlay
