// Memory: what peers send must not make an engine grow, nor write beside the memory it was given.
#pragma once

#include <cstddef>

#include "sim/checkers/violations.h"

namespace swarmcast::sim {

// What an engine may take beside the stream, which all share, and the simulator beside its engines.
// Twice of what was seen, for this is about growth without end.
struct MemoryBounds {
  size_t engine = 1 << 20;
  size_t link = 64 << 10;
  size_t viewer = 64 << 10;  // ever created: the simulator's own
  size_t packet = 2 << 10;   // on their way at once, or held by anybody
  size_t simulator = 64 << 20;
};

class MemoryChecker {
 public:
  explicit MemoryChecker(Violations& violations, const MemoryBounds& bounds = {})
      : violations_(violations), bounds_(bounds) {}

  // Once a virtual second, say.
  void look_at(const World& world);

  // Bytes that this process has allocated and not freed; 0 where it cannot be known (under a
  // sanitizer).
  static size_t allocated();

 private:
  size_t most(const World& world) const;

  Violations& violations_;
  MemoryBounds bounds_;
  bool reported_ = false;
};

}  // namespace swarmcast::sim
