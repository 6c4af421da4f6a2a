// The networks and budgets on which one hop is compared with SRT, and the bounds it keeps there.
// Shared by the run with real processes (../product/hop_vs_srt.cc) and the one under virtual time
// (engine_budget.cc).
//
// Both carry 20 frames a second of 12,500 bytes. A block of 1,316 bytes is on time if the receiver
// has it within (one way + budget + kGrace) of the moment the sender was given it.
#pragma once

#include <cstddef>
#include <span>

#include "engine/base/time.h"

namespace swarmcast::bench {

inline constexpr int kFramesPerSecond = 20;
inline constexpr Duration kFramePeriod = Duration::millis(1'000 / kFramesPerSecond);
inline constexpr size_t kFrameBytes = 12'500;
inline constexpr size_t kBlockBytes = 1'316;
inline constexpr size_t kBlocksPerFrame = (kFrameBytes + kBlockBytes - 1) / kBlockBytes;
inline constexpr Duration kGrace = Duration::millis(20);
// Frames before those that count.
inline constexpr uint32_t kWarmUpFrames = 100;

struct Cell {
  const char* name;
  int rtt_ms = 60;
  double loss = 0;     // of packets, each way
  double burst = 1;    // mean length of a run of losses, in packets; 1 = independent
  int reorder_ms = 0;  // each packet uniformly later by up to this, order not kept
  int budget_ms = 120;
  double on_time = 0;     // least share of blocks; 0: no bound, printed only
  double overhead = 0;    // most bytes both ways, IP header up, per payload byte, less 1; 0: none
  bool blackout = false;  // 2 s without a packet either way, again and again
  bool quick = false;     // part of the short run

  Duration one_way() const { return Duration::micros(rtt_ms * 500); }
  // Of the slowest packet that is not lost: nobody can be sure to be faster.
  Duration deadline() const {
    return one_way() + Duration::millis(reorder_ms + budget_ms) + kGrace;
  }
};

std::span<const Cell> cells();

}  // namespace swarmcast::bench
