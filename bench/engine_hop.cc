// Two real engines over one lossy link under virtual time: share of frames on time, overhead.
// Deterministic: a seed prints the same figures everywhere. 20 frames a second of 12,500 bytes,
// key frames four times a mean frame, round trip 60 ms, playout 300 ms, loss both ways.
//
//   engine_hop [--seconds N] [--seed N] [--check]    --check: exit 1 if a bound is not kept
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/node/world_for_test.h"
#include "engine/wire/fragment.h"

namespace {

using namespace swarmcast;
using namespace swarmcast::node;

constexpr Duration kPeriod = Duration::millis(50);
constexpr size_t kMeanFrame = 12'500;
constexpr size_t kFrame = kMeanFrame * 40 / 43;       // World's key frames are four times that
constexpr size_t kPacketOverhead = 20 + 8 + 13 + 16;  // IPv4, UDP, DTLS record, tag
constexpr Duration kWarmUp = Duration::seconds(3);

struct Network {
  double loss;
  double burst;     // mean length of a run of losses, in messages; 1 = independent
  double on_time;   // least share of frames that must be on time
  double overhead;  // most bytes sent forward, against the media's, less 1
};

constexpr Network kNetworks[] = {
    {0, 1, 1, 0.2},         {0.01, 1, 0.999, 0.25}, {0.05, 1, 0.999, 0.3},
    {0.05, 4, 0.995, 0.35}, {0.1, 1, 0.999, 0.4},   {0.1, 4, 0.995, 0.4},
};

// Gilbert-Elliott: everything is lost in the bad state.
class LossModel {
 public:
  LossModel(const Network& network, uint64_t seed) : network_(network), rng_(seed) {}
  bool lost() {
    if (network_.burst <= 1) return rng_.chance(network_.loss);
    if (bad_)
      bad_ = !rng_.chance(1 / network_.burst);
    else
      bad_ = rng_.chance(network_.loss / (1 - network_.loss) / network_.burst);
    return bad_;
  }

 private:
  Network network_;
  Prng rng_;
  bool bad_ = false;
};

struct Tally {
  uint64_t bytes = 0, messages = 0, lost = 0;
};

// False if a bound is not kept.
bool run(const Network& network, Duration length, uint64_t seed) {
  World world(seed);
  world.default_link = {.one_way = Duration::millis(30)};
  const size_t source = world.add_source({.stream = {.playout = Duration::millis(300)}});
  const size_t viewer = world.add_peer(source);
  LossModel models[2] = {{network, seed * 2}, {network, seed * 2 + 1}};
  Tally tallies[2];
  world.tap = [&](size_t from, size_t, std::vector<uint8_t>& message) {
    Tally& t = tallies[from == source ? 0 : 1];
    t.bytes += message.size() + kPacketOverhead;
    ++t.messages;
    const bool lost = models[from == source ? 0 : 1].lost();
    t.lost += lost;
    return !lost;
  };
  world.publish_every(source, kPeriod, kFrame);
  world.run_for(kWarmUp);
  const FrameCounts before = world.engine(viewer).stats(world.now()).frames;
  tallies[0] = tallies[1] = {};
  world.run_for(length);
  const EngineStats stats = world.engine(viewer).stats(world.now());
  const auto expected = static_cast<double>(stats.frames.expected - before.expected);
  const auto on_time = static_cast<double>(stats.frames.on_time - before.on_time);
  const double media = length.seconds_f() * 20 * kMeanFrame;
  const double overhead = static_cast<double>(tallies[0].bytes) / media - 1;
  const bool kept = on_time >= network.on_time * expected && overhead <= network.overhead;
  const double lost_share =
      static_cast<double>(tallies[0].lost) / static_cast<double>(tallies[0].messages);
  const double spurious_share = static_cast<double>(stats.repair.spurious) /
                                static_cast<double>(std::max<uint64_t>(stats.repair.nak_sent, 1));
  std::printf("%5.0f %5.0f  %8.2f %8.0f  %9.3f %9.1f %9.1f %12.3f  %s\n", network.loss * 100,
              network.burst, 100 * lost_share, expected, 100 * on_time / expected, 100 * overhead,
              100 * static_cast<double>(tallies[1].bytes) / media, spurious_share,
              kept ? "kept" : "NOT KEPT");
  return kept;
}

}  // namespace

int main(int argc, char** argv) {
  int64_t seconds = 520;
  uint64_t seed = 1;
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    check |= !std::strcmp(argv[i], "--check");
    if (i + 1 == argc) break;
    if (!std::strcmp(argv[i], "--seconds")) seconds = std::atoll(argv[i + 1]);
    if (!std::strcmp(argv[i], "--seed")) seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  std::puts("loss% burst     lost%   frames   on time% overhead%     back% spurious/NAK  bounds");
  bool all_kept = true;
  for (const Network& n : kNetworks) all_kept &= run(n, Duration::seconds(seconds), seed);
  return check && !all_kept ? 1 : 0;
}
