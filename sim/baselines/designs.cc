#include "sim/baselines/designs.h"

#include <algorithm>
#include <iterator>

namespace swarmcast::sim {
namespace {

constexpr Baseline kBaselines[] = {
    {"pull-mesh", "CoolStreaming: buffer maps between random neighbours, and pulls", pull_mesh},
    {"push-tree", "one tree by capacity, NAKs hop by hop", push_tree},
    {"gossipsub", "eager push to 8 neighbours, IHAVE and IWANT to others", gossipsub},
    {"timeout-repair", "the tree with time-outs in place of NAKs", timeout_repair},
};

}  // namespace

std::span<const Baseline> baselines() { return kBaselines; }

const Baseline* find_baseline(std::string_view name) {
  const auto found = std::ranges::find(kBaselines, name, &Baseline::name);
  return found == std::end(kBaselines) ? nullptr : &*found;
}

}  // namespace swarmcast::sim
