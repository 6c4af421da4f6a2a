// The two ends of a hop, as programs of their own (peer.cc): ours, SRT's, and those of a sender
// that repairs by time-out. What they share: the schedule of the frames, the stamp in every block,
// and the count of what came in time.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/hop_vs_srt/cells.h"
#include "engine/base/bytes.h"
#include "engine/base/time.h"

namespace swarmcast::bench {

// Sent on after the last frame that counts, so that its end is not special.
inline constexpr uint32_t kTailFrames = 40;

// What the command line says, the same words for both.
struct PeerOptions {
  std::string listen = "0.0.0.0:0";  // our own end
  std::string connect;               // SRT: "ADDRESS:PORT"; ours: the invite
  int latency_ms = 120;              // SRT's latency; our playout delay
  int deadline_ms = 170;             // capture to arrival that still counts
  uint32_t frames = 1'000;           // that count
  std::string filter;                // SRT's packet filter; empty: none
  bool log = false;                  // print the times of single fragments or arrivals, too
};

// A block says which it is and when its sender was given it (CLOCK_MONOTONIC, the same in every
// process of a machine).
struct Stamp {
  uint32_t frame = 0;
  uint16_t block = 0;
  int64_t given_us = 0;
};
inline constexpr size_t kStampBytes = 14;
void write_stamp(MutableByteSpan block, const Stamp& stamp);
Stamp read_stamp(ByteSpan block);

// Prints one JSON line.
void say(const nlohmann::json& event);
// Prints {"event":EVENT,KEY:[..]} with some of the values a line: a line has a limit
// (test/support).
void say_in_pieces(const char* event, const char* key, const std::vector<int64_t>& values);

// The sender's frame `number` is due now: prints "begin" and "end" around the frames that count.
void announce(uint32_t number, const PeerOptions& options);

// The receiver's count. Blocks that count come in any order, each once.
class Tally {
 public:
  explicit Tally(const PeerOptions& options) : options_(options) {}
  void add(const Stamp& stamp, int64_t now_us, size_t blocks = 1);
  // The stream is so far that nothing that counts can still come.
  bool finished() const { return newest_ >= kWarmUpFrames + options_.frames + kTailFrames / 2; }
  // {"event":"result","blocks":..,"on_time":..,"p50_ms":..,"p99_ms":..}, delays of those on time.
  nlohmann::json result() const;
  // With options.log: {"event":"arrivals","at_us":[..]}, of blocks on time, some lines of it.
  void tell_arrivals() const;

 private:
  const PeerOptions options_;
  uint32_t newest_ = 0;
  uint64_t on_time_ = 0, late_ = 0;
  std::vector<int32_t> delays_us_;
  std::vector<int64_t> arrivals_us_;  // with options.log
};

// Each runs until its stream is over, prints events, and gives the exit code.
int run_swarm_sender(const PeerOptions& options);
int run_swarm_receiver(const PeerOptions& options);
int run_srt_sender(const PeerOptions& options);
int run_srt_receiver(const PeerOptions& options);
int run_timeout_sender(const PeerOptions& options);
int run_timeout_receiver(const PeerOptions& options);

}  // namespace swarmcast::bench
