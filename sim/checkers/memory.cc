#include "sim/checkers/memory.h"

#include <malloc.h>

#include <string>

namespace swarmcast::sim {

size_t MemoryChecker::allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

size_t MemoryChecker::most(const World& world) const {
  size_t out = bounds_.simulator + world.size() * bounds_.viewer +
               world.most_packets() * bounds_.packet + world.payload().capacity() * bounds_.packet;
  for (NodeId node = 0; node < world.size(); ++node)
    if (world.alive(node)) out += bounds_.engine + world.links(node) * bounds_.link;
  return out;
}

// The sum of all: which of them it was, a replay with a smaller swarm tells.
void MemoryChecker::look_at(const World& world) {
  if (!world.payload().is_intact())
    violations_.add({world.now(), Property::kSafety, 0, "somebody wrote beside its memory"});
  if (reported_ || allocated() <= most(world)) return;
  reported_ = true;
  violations_.add({world.now(), Property::kSafety, 0,
                   "all engines together take " + std::to_string(allocated() >> 20) + " MiB"});
}

}  // namespace swarmcast::sim
