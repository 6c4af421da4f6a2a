// Swarms that get pictures from one source, and what can be seen of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/node/world_for_test.h"

namespace swarmcast::node {

inline constexpr Duration kFramePeriod = Duration::millis(50);
inline constexpr size_t kFrameSize = 3'000;

inline EngineOptions with_children(size_t n) { return {.max_places = n * kStripes}; }

inline size_t shown_count(World& w, size_t i) {
  return static_cast<size_t>(std::ranges::count_if(w.node(i).shown, &World::Shown::show));
}
inline int hop(World& w, size_t i) { return w.engine(i).stats(w.now()).hop; }

// The longest time between two pictures of a node that came after `since`.
inline Duration longest_gap(World& w, size_t i, Instant since) {
  Instant before = since;
  Duration gap;
  for (const auto& s : w.node(i).shown) {
    if (s.released < since - Duration::millis(100)) continue;
    gap = std::max(gap, s.released - before);
    before = std::max(before, s.released);
  }
  return gap;
}

// Six peers join a source with two places, a second apart, and have `settle` to find their places.
// Then the first of them, which has children, vanishes. None of the others may miss pictures for
// half a second in the time `watched` after that, nor be without a place. Returns the others.
inline std::vector<size_t> lose_a_relay(World& w, const EngineOptions& peer, Duration settle,
                                        Duration watched) {
  const size_t source = w.add_source(with_children(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  std::vector<size_t> peers;
  for (int i = 0; i < 6; ++i) {
    peers.push_back(w.add_peer(source, peer));
    w.run_for(Duration::seconds(1));
  }
  w.run_for(settle);
  const size_t victim = peers[0];
  EXPECT_GE(w.engine(victim).stats(w.now()).children, 1);
  w.kill(victim);
  const Instant killed = w.now();
  w.run_for(watched);
  peers.erase(peers.begin());
  for (size_t p : peers) {
    EXPECT_LT(longest_gap(w, p, killed), Duration::millis(500)) << "peer " << p;
    EXPECT_GE(hop(w, p), 1) << "peer " << p;
  }
  return peers;
}

}  // namespace swarmcast::node
