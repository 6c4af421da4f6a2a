// What must never happen and did.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "sim/world/world.h"

namespace swarmcast::sim {

enum class Property {
  kSafety,    // something bad happened: forged, leaked, a limit broken
  kLiveness,  // something good did not: somebody has no picture
};

struct Violation {
  Instant at;
  Property property = Property::kSafety;
  NodeId node = 0;
  std::string what;
};

// Counts them all and keeps the first ones.
class Violations {
 public:
  static constexpr size_t kKept = 20;

  void add(Violation violation) {
    ++(violation.property == Property::kSafety ? safety_ : liveness_);
    if (kept_.size() < kKept) kept_.push_back(std::move(violation));
  }
  uint64_t safety() const { return safety_; }
  uint64_t liveness() const { return liveness_; }
  uint64_t all() const { return safety_ + liveness_; }
  const std::vector<Violation>& kept() const { return kept_; }

 private:
  uint64_t safety_ = 0;
  uint64_t liveness_ = 0;
  std::vector<Violation> kept_;
};

}  // namespace swarmcast::sim
