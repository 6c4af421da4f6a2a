// What is simulated: how many, on what network, and what befalls them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/base/units.h"
#include "sim/attackers/attack.h"
#include "sim/checkers/liveness.h"

namespace swarmcast::sim {

// How much uplink people have, against the stream's rate R: `none` of them next to nothing, `poor`
// 0.2 to 0.9 R, the rest 1 to 4 R, and the source 4.8 R; all times `factor`.
struct Uplinks {
  double none = 0.10;
  double poor = 0.33;
  double factor = 1;
  double source = 4.8;
  double down = 5;  // everybody's downlink, of R, whatever the factor
};

// Version 1 of the overlay survives no faster growth for long.
inline constexpr Duration kJoinInterval = Duration::millis(150);

// A bug planted on purpose, to see it noticed.
enum class Plant {
  kNone,
  kUnverified,  // viewers pass on what they have not verified
  kUnrelayed,   // viewers pass on nothing
  kLoyal,       // viewers stay with parents that send them nothing
  kCrash,       // an assertion fails when the measurement begins
};

struct Scenario {
  std::string_view name;
  std::string_view about;  // one line; says nothing that an option can change

  size_t viewers = 500;
  int64_t seconds = 60;  // measured, after all have joined
  uint64_t seed = 1;
  uint64_t variant = 0;  // others: the same hosts, lines and delays, but other peers' luck
  DataRate rate = DataRate::kbps(2'000);  // of the picture
  bool sound = false;                     // Opus at 32 kbit/s beside it
  bool adaptive = false;                  // the encoder follows the source's engine
  Duration playout;                       // zero: each viewer adapts
  // How long everybody keeps what was sent. What an engine holds of the stream is most of its
  // memory; it must reach back to the last key picture.
  Duration ring = kDefaultRingSpan;
  Duration join_span;  // zero: kJoinInterval a viewer
  Uplinks uplinks;

  double nat = 0;       // share of viewers behind one of the kinds of NAT; the source is not
  double browsers = 0;  // share of viewers: nobody dials them

  double loss = 0.01;
  double burst = 1;
  Duration jitter = Duration::millis(5);
  double reordered = 0.001;
  double duplicated = 0.0005;

  // What befalls viewers, while it is measured.
  Duration life;                // mean; zero: nobody leaves. Who vanishes is replaced
  double vanishing = 0;         // share that vanishes at once, half-way through
  double outages_a_minute = 0;  // of each one's line, both ways, 0.2 to 2 s

  AttackKind attack = AttackKind::kNone;
  double hostile = 0;  // share of the viewers that do that

  bool real_crypto = false;
  Plant plant = Plant::kNone;
  LivenessBounds liveness;
};

// Within which all viewers join.
Duration join_span(const Scenario& scenario);

// The named ones; the first is the default.
std::span<const Scenario> scenarios();
// nullptr: there is none of that name.
const Scenario* find_scenario(std::string_view name);

}  // namespace swarmcast::sim
