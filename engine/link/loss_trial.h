// Tells losses that sending less avoids from those of a lossy path, by sending less for a moment.
#pragma once

#include <cstdint>

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::link {

// A queue of a few packets overflows before a delay shows it, with each burst, so the losses there
// look like a radio's. What tells them apart is whether they follow the rate (PCC, NSDI'15): a
// trial sends at kTrialRate of what was sent before. The answer holds for a while; while it is "the
// rate's", losses beyond those that remained in the trial are congestion. Should they not fall with
// the rate after all, it is taken back.
class LossTrial {
 public:
  enum class Cause { kUnknown, kRate, kPath };
  // The share that a trial sends of what was sent before.
  static constexpr double kTrialRate = 0.7;

  // One report: of the `expected` messages since the last one, of which `lost` did not arrive
  // (negative: some of before were only late), the newest left at `sent_at`. `loss` of the last two
  // seconds, `sent` lately. True if the rate is why some were lost.
  bool on_report(Instant sent_at, uint64_t expected, int64_t lost, double loss, DataRate sent,
                 Instant now);
  // Losses are many, and their cause is unknown.
  bool is_due(double loss, Instant now) const;
  void begin(double loss, DataRate sent, Instant now);
  // Ends it without an answer.
  void abandon() { running_ = false; }
  bool is_running() const { return running_; }
  // As far as known now.
  Cause cause(Instant now) const { return now < until_ ? cause_ : Cause::kUnknown; }

 private:
  void count(Instant sent_at, uint64_t expected, int64_t lost, Instant now);
  void conclude(Cause cause, Instant now);

  bool running_ = false;
  Instant began_at_;
  double before_ = 0;  // the loss before the trial, and what was sent then
  DataRate sent_;
  double expected_ = 0, lost_ = 0;  // during it
  double remaining_ = 0;            // the loss that sending less did not avoid

  Cause cause_ = Cause::kUnknown;
  Instant until_ = Instant::from_us(0);
  Duration path_for_;
  Instant slow_since_ = Instant::never();  // far less than sent_
};

}  // namespace swarmcast::link
