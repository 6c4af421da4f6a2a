#include "bench/hop_vs_srt/cells.h"

namespace swarmcast::bench {
namespace {

constexpr Cell kCells[] = {
    {.name = "no loss", .quick = true},
    {.name = "5 %", .loss = 0.05, .quick = true},
    {.name = "10 %", .loss = 0.1, .on_time = 0.999, .overhead = 0.4, .quick = true},
    {.name = "20 %", .loss = 0.2},
    {.name = "10 %", .loss = 0.1, .budget_ms = 200},
    {.name = "20 %",
     .loss = 0.2,
     .budget_ms = 200,
     .on_time = 0.998,
     .overhead = 0.52,
     .quick = true},
    {.name = "10 % in bursts of 4", .loss = 0.1, .burst = 4},
    {.name = "10 % in bursts of 8", .loss = 0.1, .burst = 8},
    {.name = "no loss, reordered by 30 ms", .reorder_ms = 30, .quick = true},
    {.name = "10 %, reordered by 30 ms", .loss = 0.1, .reorder_ms = 30, .budget_ms = 200},
    {.name = "no loss", .rtt_ms = 150, .budget_ms = 200},
    {.name = "5 %", .rtt_ms = 150, .loss = 0.05, .budget_ms = 200},
    {.name = "10 %",
     .rtt_ms = 150,
     .loss = 0.1,
     .budget_ms = 200,
     .on_time = 0.998,
     .overhead = 0.42,
     .quick = true},
    {.name = "20 %", .rtt_ms = 150, .loss = 0.2, .budget_ms = 200},
    {.name = "10 % in bursts of 4", .rtt_ms = 150, .loss = 0.1, .burst = 4, .budget_ms = 200},
    {.name = "10 % in bursts of 8", .rtt_ms = 150, .loss = 0.1, .burst = 8, .budget_ms = 200},
    {.name = "no loss, reordered by 30 ms", .rtt_ms = 150, .reorder_ms = 30, .budget_ms = 200},
    {.name = "blackouts of 2 s", .blackout = true},
    {.name = "blackouts of 2 s", .rtt_ms = 150, .budget_ms = 200, .blackout = true},
};

}  // namespace

std::span<const Cell> cells() { return kCells; }

}  // namespace swarmcast::bench
