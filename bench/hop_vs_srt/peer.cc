// hop_peer ROLE [--listen A:P] [--connect X] [--latency MS] [--deadline MS] [--frames N]
//               [--filter F] [--log]
//
// ROLE: swarm-, srt- or timeout-, and send or receive. One end of a hop of the comparison with
// SRT; product_bench starts them in pairs. Prints JSON events, a line each.
#include "bench/hop_vs_srt/peer.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

#include "engine/base/byte_io.h"

namespace swarmcast::bench {

void write_stamp(MutableByteSpan block, const Stamp& stamp) {
  ByteWriter out(block);
  out.u32(stamp.frame);
  out.u16(stamp.block);
  out.u32(static_cast<uint32_t>(stamp.given_us >> 32));
  out.u32(static_cast<uint32_t>(stamp.given_us));
}

Stamp read_stamp(ByteSpan block) {
  ByteReader in(block);
  Stamp stamp{.frame = in.u32(), .block = in.u16()};
  stamp.given_us = static_cast<int64_t>(uint64_t{in.u32()} << 32);
  stamp.given_us |= in.u32();
  return stamp;
}

void say(const nlohmann::json& event) {
  std::puts(event.dump().c_str());
  std::fflush(stdout);
}

void say_in_pieces(const char* event, const char* key, const std::vector<int64_t>& values) {
  constexpr size_t kPiece = 1'000;
  for (size_t i = 0; i < values.size(); i += kPiece) {
    const auto from = values.begin() + static_cast<ptrdiff_t>(i);
    const auto n = static_cast<ptrdiff_t>(std::min(kPiece, values.size() - i));
    say({{"event", event}, {key, std::vector(from, from + n)}});
  }
}

void announce(uint32_t number, const PeerOptions& options) {
  if (number == kWarmUpFrames) say({{"event", "begin"}});
  if (number == kWarmUpFrames + options.frames) say({{"event", "end"}});
}

void Tally::add(const Stamp& stamp, int64_t now_us, size_t blocks) {
  newest_ = std::max(newest_, stamp.frame);
  if (stamp.frame < kWarmUpFrames || stamp.frame >= kWarmUpFrames + options_.frames) return;
  const int64_t delay_us = now_us - stamp.given_us;
  if (delay_us > options_.deadline_ms * 1'000) {
    late_ += blocks;
    return;
  }
  on_time_ += blocks;
  delays_us_.push_back(static_cast<int32_t>(delay_us));
  if (options_.log) arrivals_us_.push_back(now_us);
}

nlohmann::json Tally::result() const {
  std::vector<int32_t> sorted = delays_us_;
  std::ranges::sort(sorted);
  const auto at = [&](double share) {
    const auto n = static_cast<double>(sorted.size());
    return sorted.empty() ? 0.0 : sorted[static_cast<size_t>(share * (n - 1))] / 1e3;
  };
  return {{"event", "result"},   {"blocks", uint64_t{options_.frames} * kBlocksPerFrame},
          {"on_time", on_time_}, {"late", late_},
          {"p50_ms", at(0.5)},   {"p99_ms", at(0.99)}};
}

void Tally::tell_arrivals() const { say_in_pieces("arrivals", "at_us", arrivals_us_); }

namespace {

int usage() {
  std::fputs(
      "usage: hop_peer swarm-send|swarm-receive|srt-send|srt-receive|timeout-send|timeout-receive "
      "[--listen A:P] [--connect X] [--latency MS] [--deadline MS] [--frames N] [--filter F] "
      "[--log]\n",
      stderr);
  return 2;
}

int run(int argc, char** argv) {
  static const std::map<std::string, int (*)(const PeerOptions&)> kRoles = {
      {"swarm-send", run_swarm_sender},     {"swarm-receive", run_swarm_receiver},
      {"timeout-send", run_timeout_sender}, {"timeout-receive", run_timeout_receiver},
#ifdef SWARMCAST_WITH_SRT
      {"srt-send", run_srt_sender},         {"srt-receive", run_srt_receiver},
#endif
  };
  if (argc < 2 || !kRoles.contains(argv[1])) return usage();
  PeerOptions options;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--log") {
      options.log = true;
      continue;
    }
    if (i + 1 == argc) return usage();
    const char* value = argv[++i];
    if (word == "--listen")
      options.listen = value;
    else if (word == "--connect")
      options.connect = value;
    else if (word == "--latency")
      options.latency_ms = std::atoi(value);
    else if (word == "--deadline")
      options.deadline_ms = std::atoi(value);
    else if (word == "--frames")
      options.frames = static_cast<uint32_t>(std::atoi(value));
    else if (word == "--filter")
      options.filter = value;
    else
      return usage();
  }
  return kRoles.at(argv[1])(options);
}

}  // namespace
}  // namespace swarmcast::bench

int main(int argc, char** argv) { return swarmcast::bench::run(argc, argv); }
