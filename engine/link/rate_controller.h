// How fast a path may be sent on, from delay and loss.
#pragma once

#include <array>
#include <cstddef>

#include "engine/base/time.h"
#include "engine/base/units.h"
#include "engine/base/windowed.h"
#include "engine/link/cubic_window.h"
#include "engine/link/egress.h"
#include "engine/link/loss_trial.h"
#include "engine/link/queue_loss.h"

namespace swarmcast::link {

inline constexpr DataRate kMinRate = DataRate::kbps(64);
inline constexpr DataRate kMaxRate = DataRate::kbps(1'000'000);
// A path needs no proof to be tried at this rate: else a sender that was shut down to sound could
// never find out that there is room for a picture again.
inline constexpr DataRate kUnprovenRate = DataRate::kbps(400);
// A queue that stands longer than this makes the rate fall; between the two by the path's jitter.
inline constexpr Duration kMinQueueLimit = Duration::millis(25);
inline constexpr Duration kMaxQueueLimit = Duration::millis(50);
// Loss below this share is the path's own and no reason to slow down.
inline constexpr double kBreakerLoss = 0.3;
inline constexpr Duration kBreakerPatience = Duration::seconds(2);

struct RateSignal {
  Instant sent_at;              // when the newest message it tells of left
  Duration queue_delay;         // one-way delay above its minimum
  DataRate delivered;           // over half a second, say
  DataRate delivered_recently;  // since the queue stands, if it does: the capacity
  double loss = 0;              // of the last seconds
  Duration rtt;
  uint64_t expected = 0;  // messages accounted for since the last signal
  int64_t lost = 0;       // of these
};

// Two modes, as in Copa (NSDI'18).
//
// Alone, delay leads: if even the least of the last three queue delays is above the limit, the
// queue stands, and the rate falls to 0.85 of what gets through, or lower while a long queue
// drains. Otherwise it grows, slowly near where it last fell, and never beyond twice what was
// delivered: a path that is not filled proves nothing.
//
// Every cut is a test as well: a queue that is ours alone falls by what we no longer send. One that
// falls by less is shared with a sender that fills it whatever we do, and one that loses packets
// when full is used by all as a matter of losses. Giving way to the delay would then mean to starve
// (RFC 8836, requirement 3), so we compete: the rate is that of a CUBIC window, losses at a full
// queue cut it. From time to time we yield for a moment, and when the queue is ours alone again, or
// nobody's, delay leads once more.
//
// A queue too short for a delay shows only by its losses: LossTrial tells them from the path's own.
// What an encoder follows then is the mean of the window's rate, not each of its cuts.
//
// A delay that answers neither cuts nor time is a longer route, and becomes the new zero. Loss
// without a queue is the path's own; above 30 % for 2 s it halves the rate (RFC 8083 in spirit).
class RateController {
 public:
  DataRate rate() const { return rate_; }
  // The rate again as soon as a queue has drained or a test is over: what an encoder should follow.
  DataRate sustained_rate() const;
  // Queue delay above which the queue stands, at this path's jitter.
  Duration queue_limit() const;
  // The least of the last queue delays, above what is not ours.
  Duration standing_queue(Instant now) const;
  // A sender beside us fills the queue.
  bool competes() const { return mode_ != Mode::kDelay; }

  void on_signal(const RateSignal& signal, Instant now);

 private:
  enum class Mode { kDelay, kCompete, kYield };
  enum class Owner { kUs, kShared, kRoute };

  // A cut, and what it should do to a queue that is ours alone.
  struct Test {
    bool running = false;
    DataRate delivered;  // at the cut
    double drain = 0;    // seconds of queue a second
    Instant began_at;    // what left later shows it, however long the queue before it
    bool seen = false;   // the reports do
    Instant seen_at;
    Duration before;  // the standing queue at seen_at
  };

  Duration ours_of(Duration queue, Instant now) const;
  void measure(const RateSignal& signal, Instant now);
  void follow_delay(const RateSignal& signal, Duration since_last, Instant now);
  DataRate proven_rate(const RateSignal& signal) const;
  void cut(const RateSignal& signal, Duration standing, Instant now);
  void fall(const RateSignal& signal, Duration standing, Instant now);
  void deepen(const RateSignal& signal, Duration standing, Instant now);
  bool is_near_limit() const;
  void grow(const RateSignal& signal, Duration since_last);
  void begin_test(const RateSignal& signal, Instant now);
  Owner judge_test(const RateSignal& signal, Duration standing, Instant now);
  void take_as_zero(Instant now);
  void begin_to_compete(DataRate rate, Duration rtt, Instant now);
  void compete(const RateSignal& signal, bool full, Instant now);
  void take_window_rate(const RateSignal& signal);
  void begin_to_yield(const RateSignal& signal, Instant now);
  void end_competition(bool drain, Instant now);
  void follow_window(const RateSignal& signal, bool full, Instant now);
  void yield(const RateSignal& signal, bool full, Instant now);
  bool queue_is_short() const;
  bool try_less(const RateSignal& signal, Instant now);
  DataRate sent_rate(const RateSignal& signal) const;
  void watch_loss(const RateSignal& signal, Instant now);

  static constexpr size_t kRecent = 3;

  DataRate rate_ = kInitialRate;
  Mode mode_ = Mode::kDelay;
  std::array<Duration, kRecent> recent_{};
  size_t signals_ = 0;
  Instant last_at_;
  Duration jitter_;
  Duration mean_queue_;
  WindowedMax<Instant, DataRate> delivered_;
  QueueLoss queue_loss_;
  LossTrial loss_trial_;
  Instant outage_forgotten_at_ = Instant::from_us(0);
  DataRate rate_before_trial_;  // zero: none runs

  DataRate fell_at_ = kMaxRate;  // what got through when the rate fell last
  bool draining_ = false;
  Instant cut_at_;
  Instant hold_until_ = Instant::from_us(0);
  Test test_;
  int shared_ = 0;        // tests in a row that say so
  int route_ = 0;         // the same
  DataRate before_cuts_;  // what got through, and how long it took, before the first of them
  Duration rtt_before_cuts_;
  Duration not_ours_;
  Instant not_ours_until_ = Instant::from_us(0);

  CubicWindow window_;
  DataRate mean_;  // of the rate that it gave lately
  Instant meant_at_;
  Instant recovers_until_ = Instant::from_us(0);  // one congestion a round trip
  DataRate before_yield_;
  Instant yields_at_;
  Instant yielded_at_;
  Duration yields_every_;
  int ours_in_a_row_ = 0;  // yields that the queue answered as if it were ours alone
  int ends_in_a_row_ = 0;  // of competitions without a loss between
  Instant suspicious_until_ = Instant::from_us(0);
  Instant lossy_since_ = Instant::never();
};

}  // namespace swarmcast::link
