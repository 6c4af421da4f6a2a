// The cells of cells.h with two real engines under virtual time: no machine's load is in it, and a
// seed gives the same figures everywhere.
//
//   engine_budget [--frames N] [--seed N] [--only SUBSTRING] [--check] [--bytes]
//
// --check: exit 1 if a bound is not kept. --bytes: where they went, by type of message.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "bench/hop_vs_srt/cells.h"
#include "engine/node/world_for_test.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"
#include "engine/wire/nak.h"

namespace {

using namespace swarmcast;
using namespace swarmcast::node;
using bench::Cell;

constexpr size_t kPacketOverhead = 20 + 8 + 13 + 16;  // IPv4, UDP, DTLS record, tag
constexpr Duration kBlackout = Duration::seconds(2);
constexpr int kBlackoutEvery = 200;  // frames
// What was published in a blackout, or in time to be hit by it, is lost on any link.
constexpr Duration kLiveEdge = Duration::millis(500);

struct Settings {
  int frames = 5'000;
  uint64_t seed = 1;
  std::string only;
  bool check = false, bytes = false;
};

// Gilbert-Elliott: everything is lost in the bad state.
class Losses {
 public:
  Losses(const Cell& cell, uint64_t seed) : loss_(cell.loss), burst_(cell.burst), rng_(seed) {}
  bool next() {
    if (burst_ <= 1) return rng_.chance(loss_);
    bad_ = bad_ ? !rng_.chance(1 / burst_) : rng_.chance(loss_ / (1 - loss_) / burst_);
    return bad_;
  }

 private:
  double loss_, burst_;
  Prng rng_;
  bool bad_ = false;
};

using Tally = std::map<std::string, uint64_t>;  // bytes by kind of message

// `k` keeps the source fragments of the last frame seen: a lean fragment does not tell.
std::string kind_of(const std::vector<uint8_t>& message, unsigned& k) {
  if (message[0] == wire::kFragmentType) {
    if (message[1] & wire::kHopRepairFlag) return "repair";
    const auto view = wire::parse_fragment(message);
    if (view) k = view->header.k;
    const auto id = wire::id_of_fragment(message);
    return id && id->index >= k ? "parity" : "data";
  }
  char type[16];
  std::snprintf(type, sizeof type, "0x%02x", message[0]);
  return type;
}

class Run {
 public:
  Run(const Cell& cell, const Settings& settings)
      : cell_(cell), settings_(settings), world_(settings.seed) {
    world_.default_link = {.one_way = cell.one_way(), .jitter = Duration::millis(cell.reorder_ms)};
    const Duration playout = cell.deadline();
    source_ = world_.add_source({.stream = {.fps = bench::kFramesPerSecond, .playout = playout}});
    viewer_ = world_.add_peer(source_);
    world_.tap = [this](size_t from, size_t, std::vector<uint8_t>& message) {
      const size_t way = from == source_ ? 0 : 1;
      if (counting_) bytes_[way][kind_of(message, k_)] += message.size() + kPacketOverhead;
      return !losses_[way].next() && !dark();
    };
  }

  // False if a bound is not kept.
  bool run() {
    for (uint32_t n = 0; n < bench::kWarmUpFrames; ++n) publish();
    measured_from_ = published_;
    counting_ = true;
    const auto before = world_.engine(viewer_).stats(world_.now()).repair;
    for (int n = 0; n < settings_.frames; ++n) {
      if (cell_.blackout && n % kBlackoutEvery == kBlackoutEvery / 2)
        dark_from_ = world_.now(), dark_until_ = world_.now() + kBlackout;
      publish();
    }
    counting_ = false;
    const auto after = world_.engine(viewer_).stats(world_.now()).repair;
    measured_to_ = published_;
    for (int n = 0; n < 40; ++n) publish();
    return report(after.nak_sent - before.nak_sent, after.spurious - before.spurious);
  }

 private:
  bool dark() const { return world_.now() >= dark_from_ && world_.now() < dark_until_; }

  void publish() {
    const auto payload = World::content(FrameNumber(published_), bench::kFrameBytes);
    sent_.push_back(world_.now());
    // Every frame stands by itself: what SRT carries knows no references either.
    world_.give(
        source_,
        input::PublishFrame{{.track = kVideoTrack, .key = true, .payload = payload}, world_.now()});
    ++published_;
    world_.run_for(bench::kFramePeriod);
    for (const auto& shown : world_.node(viewer_).shown) note(shown);
    world_.node(viewer_).shown.clear();
  }

  void note(const World::Shown& shown) {
    const uint32_t number = shown.id.number.value();
    if (shown.released - sent_[number] > cell_.deadline()) return;
    if (number >= measured_from_ && (measured_to_ == 0 || number < measured_to_)) ++on_time_;
    if (cell_.blackout && sent_[number] >= dark_until_ && edge_seen_ < dark_until_) {
      edge_seen_ = shown.released;
      edge_ = std::max(edge_, shown.released - dark_until_);
    }
  }

  bool report(uint64_t naks, uint64_t spurious) {
    const double media = static_cast<double>(settings_.frames) * bench::kFrameBytes;
    double way[2] = {};
    for (size_t i : {0, 1})
      for (const auto& [kind, bytes] : bytes_[i]) way[i] += static_cast<double>(bytes);
    const double share = static_cast<double>(on_time_) / settings_.frames;
    const double overhead = (way[0] + way[1]) / media - 1;
    bool kept = share >= cell_.on_time && (cell_.overhead == 0 || overhead <= cell_.overhead);
    if (cell_.blackout) kept = edge_ > Duration() && edge_ <= kLiveEdge;
    if (cell_.reorder_ms > 0) kept &= static_cast<double>(spurious) <= 0.03 * messages();
    std::printf("%3d %3d %-28s %8.3f %9.2f %6.2f %9.2f %7.2f  ", cell_.rtt_ms, cell_.budget_ms,
                cell_.name, 100 * share, 100 * overhead, 100 * way[1] / media,
                100 * static_cast<double>(naks) / messages(),
                100 * static_cast<double>(spurious) / messages());
    if (cell_.blackout) std::printf("live edge after %.0f ms  ", edge_.seconds_f() * 1e3);
    const bool bound = cell_.on_time > 0 || cell_.blackout || cell_.reorder_ms > 0;
    std::printf("%s\n", !bound ? "" : (kept ? "kept" : "NOT KEPT"));
    for (size_t i : {0, 1})
      for (const auto& [kind, bytes] : bytes_[i])
        if (settings_.bytes)
          std::printf("        %s %-8s %6.2f %%\n", i == 0 ? "forward " : "backward", kind.c_str(),
                      100 * static_cast<double>(bytes) / media);
    return kept;
  }

  // First copies sent, about.
  double messages() const { return settings_.frames * 13.0; }

  const Cell& cell_;
  const Settings& settings_;
  World world_;
  size_t source_ = 0, viewer_ = 0;
  Losses losses_[2] = {{cell_, settings_.seed * 2}, {cell_, settings_.seed * 2 + 1}};
  Tally bytes_[2];
  bool counting_ = false;
  unsigned k_ = 0;
  std::vector<Instant> sent_;  // by frame number
  uint32_t published_ = 0, measured_from_ = UINT32_MAX, measured_to_ = 0;
  uint64_t on_time_ = 0;
  Instant dark_from_, dark_until_, edge_seen_;
  Duration edge_;
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    settings.check |= !std::strcmp(argv[i], "--check");
    settings.bytes |= !std::strcmp(argv[i], "--bytes");
    if (i + 1 == argc) break;
    if (!std::strcmp(argv[i], "--frames")) settings.frames = std::atoi(argv[i + 1]);
    if (!std::strcmp(argv[i], "--seed")) settings.seed = std::strtoull(argv[i + 1], nullptr, 10);
    if (!std::strcmp(argv[i], "--only")) settings.only = argv[i + 1];
  }
  std::puts("RTT bud network                      on time% overhead%  back%  asked/msg% spurious%");
  bool all_kept = true;
  for (const Cell& cell : bench::cells()) {
    const std::string name =
        std::to_string(cell.rtt_ms) + "/" + std::to_string(cell.budget_ms) + " " + cell.name;
    if (name.find(settings.only) == std::string::npos) continue;
    all_kept &= Run(cell, settings).run();
  }
  return settings.check && !all_kept ? 1 : 0;
}
