// The baselines: other systems' ways of carrying a stream, on the same network as ours, each in the
// form that is best for it (docs/swarm-results.md says what they are given).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "sim/baselines/peer.h"

namespace swarmcast::sim {

// CoolStreaming/DONet (Zhang et al., INFOCOM 2005): buffer maps between random neighbours, and each
// pulls what is rarest and due first.
std::unique_ptr<Design> pull_mesh(Host& host, DataRate rate);
// One tree of whole streams by capacity, lost fragments asked for hop by hop.
std::unique_ptr<Design> push_tree(Host& host, DataRate rate);
// The same tree, with a sender that repeats what is not acknowledged within
// max(200 ms, SRTT + 4 RTTVAR) (RFC 6298).
std::unique_ptr<Design> timeout_repair(Host& host, DataRate rate);
// libp2p's gossipsub 1.1 with D = 8 (Vyzovitis et al., 2020).
std::unique_ptr<Design> gossipsub(Host& host, DataRate rate);

struct Baseline {
  std::string_view name;
  std::string_view about;  // one line
  std::unique_ptr<Design> (*make)(Host& host, DataRate rate);
};
std::span<const Baseline> baselines();
// nullptr: there is none of that name.
const Baseline* find_baseline(std::string_view name);

}  // namespace swarmcast::sim
