#include "engine/link/rate_controller.h"

#include <algorithm>
#include <utility>

namespace swarmcast::link {
namespace {

constexpr double kCut = 0.85;
constexpr double kDeepestCut = 0.3;
constexpr double kDeeper = 0.8;        // a share of the last cut that is worth a further one
constexpr double kDrainSeconds = 0.4;  // a longer queue is to be gone after this
constexpr double kGrowth = 0.5;        // share a second
constexpr double kGrowthNearLimit = 0.1;
constexpr double kUsed = 0.7;  // share of the rate
constexpr double kLeastArrives = 0.1;
constexpr double kSeldomEmpty = 0.4;  // the mean delay's share of the highest
constexpr Duration kMinHold = Duration::millis(200);
constexpr Duration kMaxHold = Duration::seconds(1);
constexpr Duration kLongestStep = Duration::millis(200);

// A queue that is ours alone falls by at least this share of what our cut should make it fall.
constexpr double kOurs = 0.7;
// It lets through less of ours than this share of before: another sender took the rest.
constexpr double kTaken = 0.85;
// A mere delay falls by at most this one, or this time.
constexpr double kNoQueue = 0.1;
constexpr Duration kNoChange = Duration::millis(3);
// A test that could show less than this shows nothing.
constexpr Duration kLeastEffect = Duration::millis(10);
constexpr int kSharedTests = 2;
constexpr int kRouteTests = 3;
constexpr Duration kRebaseSpan = Duration::seconds(60);

// An encoder cannot follow each cut of a window, and need not: so much can wait a little.
constexpr Duration kMeanTime = Duration::millis(300);

constexpr double kYield = 0.5;
constexpr Duration kYieldTime = Duration::millis(250);
constexpr Duration kFirstYield = Duration::seconds(3);
// The other sender may have backed off at that very moment: ask twice.
constexpr int kOursTests = 2;
constexpr Duration kNextYield = Duration::millis(1'500);
constexpr Duration kRarestYield = Duration::seconds(12);
// Reports come every 50 ms as long as anything does.
constexpr Duration kOutage = Duration::millis(200);
constexpr double kAfterOutage = 1.4;
// The share lost of the last seconds still tells of it.
constexpr Duration kOutageInLoss = Duration::seconds(3);
constexpr Duration kSuspicion = Duration::seconds(10);
constexpr int kSuspiciousEnds = 3;
constexpr double kUnusedWindow = 1.4;
// Below this share of its rate a sender does not fill its window.
constexpr double kIdle = 0.6;

DataRate scaled(DataRate rate, double factor) {
  return DataRate::bps(static_cast<int64_t>(static_cast<double>(rate.bps()) * factor));
}

double ratio(DataRate a, DataRate b) {
  return b.bps() == 0 ? 1 : static_cast<double>(a.bps()) / static_cast<double>(b.bps());
}

// The share of the capacity that lets such a queue drain in kDrainSeconds.
double cut_for(Duration standing) {
  return std::clamp(1 - standing.seconds_f() / kDrainSeconds, kDeepestCut, kCut);
}

Duration scaled(Duration d, double factor) {
  return Duration::micros(static_cast<int64_t>(static_cast<double>(d.us()) * factor));
}

}  // namespace

Duration RateController::queue_limit() const {
  return std::min(kMinQueueLimit + jitter_, kMaxQueueLimit);
}

Duration RateController::standing_queue(Instant now) const {
  if (signals_ < kRecent) return Duration();
  return ours_of(*std::ranges::min_element(recent_), now);
}

Duration RateController::ours_of(Duration queue, Instant now) const {
  return now < not_ours_until_ ? std::max(queue - not_ours_, Duration()) : queue;
}

DataRate RateController::sustained_rate() const {
  if (mode_ != Mode::kDelay && rate_before_trial_ == DataRate()) return mean_;
  return draining_ ? std::max(rate_, scaled(fell_at_, kCut)) : rate_;
}

void RateController::on_signal(const RateSignal& signal, Instant now) {
  const Duration since_last = signals_ == 0 ? Duration() : std::min(now - last_at_, kLongestStep);
  measure(signal, now);
  watch_loss(signal, now);
  bool full = queue_loss_.on_report(signal.queue_delay, signal.expected, signal.lost, now);
  const bool avoidable = loss_trial_.on_report(signal.sent_at, signal.expected, signal.lost,
                                               signal.loss, sent_rate(signal), now);
  full |= avoidable && queue_is_short();
  if (try_less(signal, now)) return;
  if (mode_ == Mode::kCompete) return compete(signal, full, now);
  if (mode_ == Mode::kYield) return yield(signal, full, now);
  // Where the queue stands, too, a cut tells whose it is.
  if (full && standing_queue(now) <= queue_limit()) {
    begin_to_compete(proven_rate(signal), signal.rtt, now);
    return compete(signal, full, now);
  }
  follow_delay(signal, since_last, now);
}

void RateController::measure(const RateSignal& signal, Instant now) {
  // What was proven before an outage is, but what was only hoped for is not (RFC 7661 in spirit).
  const bool outage = signals_ > 0 && now - last_at_ > kOutage;
  if (outage && delivered_.best())
    rate_ = std::min(rate_, std::max(scaled(*delivered_.best(), kAfterOutage), kUnprovenRate));
  if (outage) outage_forgotten_at_ = now + kOutageInLoss;
  if (signals_ > 0) {
    const Duration change = signal.queue_delay - recent_[(signals_ - 1) % kRecent];
    jitter_ += ((change < Duration() ? -change : change) - jitter_) / 16;
  }
  mean_queue_ += (signal.queue_delay - mean_queue_) / 16;
  recent_[signals_ % kRecent] = signal.queue_delay;
  ++signals_;
  last_at_ = now;
  delivered_.add(now, signal.delivered);
  if (test_.running && !test_.seen && signal.sent_at > test_.began_at) {
    test_.seen = true;
    test_.seen_at = now;
    test_.before = standing_queue(now);
    hold_until_ = std::max(hold_until_, now + kMinHold);
  }
}

void RateController::follow_delay(const RateSignal& signal, Duration since_last, Instant now) {
  const Duration standing = standing_queue(now);
  if (standing > queue_limit()) {
    const bool waits = now < hold_until_ || (test_.running && !test_.seen);
    if (waits) return deepen(signal, standing, now);
    if (now < suspicious_until_)
      return begin_to_compete(std::max(before_yield_, proven_rate(signal)), signal.rtt, now);
    switch (judge_test(signal, standing, now)) {
      case Owner::kUs:
        shared_ = route_ = 0;
        break;
      case Owner::kShared:
        if (++shared_ == kSharedTests) return begin_to_compete(before_cuts_, rtt_before_cuts_, now);
        break;
      case Owner::kRoute:
        if (++route_ == kRouteTests) return take_as_zero(now);
        break;
    }
    cut(signal, standing, now);
  } else if (ours_of(signal.queue_delay, now) > queue_limit() && is_near_limit()) {
    // No need to wait until the queue stands: this is where the path was full before.
    rate_ = std::min(rate_, std::max(fell_at_, kMinRate));
  } else if (standing < queue_limit() / 2 && lossy_since_.is_never()) {
    shared_ = route_ = 0;
    test_.running = false;
    if (draining_) rate_ = std::max(rate_, scaled(fell_at_, kCut));
    draining_ = false;
    grow(signal, since_last);
  }
}

DataRate RateController::sent_rate(const RateSignal& signal) const {
  return scaled(signal.delivered, 1 / std::max(1 - signal.loss, kLeastArrives));
}

// Our rate as far as it has lately been used: the average includes pauses between pictures.
DataRate RateController::proven_rate(const RateSignal& signal) const {
  return std::min(rate_, std::max(delivered_.best().value_or(signal.delivered), signal.delivered));
}

void RateController::cut(const RateSignal& signal, Duration standing, Instant now) {
  if (shared_ + route_ == 0) {
    before_cuts_ = proven_rate(signal);
    rtt_before_cuts_ = signal.rtt;
  }
  cut_at_ = now;
  fall(signal, standing, now);
}

void RateController::fall(const RateSignal& signal, Duration standing, Instant now) {
  fell_at_ = signal.delivered_recently;
  const double factor = cut_for(standing);
  rate_ = std::clamp(scaled(fell_at_, factor), std::min(kMinRate, rate_), rate_);
  draining_ = true;
  hold_until_ =
      now + std::clamp(signal.rtt + scaled(standing, 1 / (1 - factor)), kMinHold, kMaxHold);
  begin_test(signal, now);
}

// What was under way at a cut goes on filling the queue: it may turn out to be much longer. What
// left since then tells of the cut, and no more of the capacity.
void RateController::deepen(const RateSignal& signal, Duration standing, Instant now) {
  const DataRate rate = scaled(signal.delivered_recently, cut_for(standing));
  if (draining_ && signal.sent_at <= cut_at_ && rate < scaled(rate_, kDeeper))
    fall(signal, standing, now);
}

bool RateController::is_near_limit() const {
  return rate_ > scaled(fell_at_, 0.8) && rate_ < scaled(fell_at_, 1.2);
}

void RateController::grow(const RateSignal& signal, Duration since_last) {
  // Beyond what the path has carried, only what is used shows that it carries more.
  const bool used = ratio(signal.delivered, rate_) >= kUsed;
  if (rate_ > std::max(fell_at_, kUnprovenRate) && !used) return;
  const double factor = 1 + (is_near_limit() ? kGrowthNearLimit : kGrowth) * since_last.seconds_f();
  const DataRate most =
      std::max(scaled(delivered_.best().value_or(signal.delivered), 2), kUnprovenRate);
  rate_ = std::clamp(scaled(rate_, factor), rate_, std::clamp(most, rate_, kMaxRate));
}

void RateController::begin_test(const RateSignal& signal, Instant now) {
  test_ = {.running = true,
           .delivered = signal.delivered_recently,
           .drain = 1 - std::min(ratio(rate_, signal.delivered_recently), 1.0),
           .began_at = now};
}

RateController::Owner RateController::judge_test(const RateSignal& signal, Duration standing,
                                                 Instant now) {
  const bool seen = test_.running && test_.seen;
  test_.running = false;
  if (!seen) return Owner::kUs;
  // As long as it stands, a queue of ours alone lets through what the path carries.
  if (ratio(signal.delivered_recently, test_.delivered) < kTaken) return Owner::kShared;
  const Duration due = std::min(test_.before, scaled(now - test_.seen_at, test_.drain));
  if (due < kLeastEffect) return Owner::kUs;
  const Duration fall = test_.before - standing;
  if (fall >= scaled(due, kOurs)) return Owner::kUs;
  const Duration noise = std::max(scaled(due, kNoQueue), kNoChange);
  return fall <= noise && -fall <= noise ? Owner::kRoute : Owner::kShared;
}

void RateController::take_as_zero(Instant now) {
  not_ours_ = *std::ranges::min_element(recent_);
  not_ours_until_ = now + kRebaseSpan;
  shared_ = route_ = 0;
}

void RateController::begin_to_compete(DataRate rate, Duration rtt, Instant now) {
  mode_ = Mode::kCompete;
  shared_ = route_ = ours_in_a_row_ = 0;
  test_.running = draining_ = false;
  window_.start(std::max(rate, kMinRate), rtt, now);
  rate_ = mean_ = std::clamp(window_.rate(rtt), kMinRate, kMaxRate);
  meant_at_ = now;
  yields_every_ = kFirstYield;
  yields_at_ = now + yields_every_;
}

void RateController::compete(const RateSignal& signal, bool full, Instant now) {
  follow_window(signal, full, now);
  if (now >= yields_at_) begin_to_yield(signal, now);
}

void RateController::follow_window(const RateSignal& signal, bool full, Instant now) {
  if (full && now >= recovers_until_) {
    window_.on_congestion(now);
    ends_in_a_row_ = 0;
    fell_at_ = signal.delivered;
    recovers_until_ = now + signal.rtt + kLongestStep / 2;
  }
  window_.on_time(signal.rtt, signal.delivered < scaled(rate_, kIdle), now);
  take_window_rate(signal);
  const double gain = std::min((now - meant_at_).seconds_f() / kMeanTime.seconds_f(), 1.0);
  mean_ = DataRate::bps(scaled(mean_, 1 - gain).bps() + scaled(rate_, gain).bps());
  meant_at_ = now;
}

// No more than somewhat above what has got through: the rest of the window was never used.
void RateController::take_window_rate(const RateSignal& signal) {
  const DataRate most = scaled(delivered_.best().value_or(signal.delivered), kUnusedWindow);
  rate_ = std::clamp(std::min(window_.rate(signal.rtt), most), kMinRate, kMaxRate);
}

// For a moment we send half of what gets through, and see whether the queue falls as it would if it
// were ours.
void RateController::begin_to_yield(const RateSignal& signal, Instant now) {
  before_yield_ = rate_;
  if (standing_queue(now) < queue_limit() / 2) return end_competition(/*drain=*/false, now);
  mode_ = Mode::kYield;
  fell_at_ = signal.delivered_recently;
  rate_ = std::max(scaled(fell_at_, kYield), kMinRate);
  yielded_at_ = now + kYieldTime;
  begin_test(signal, now);
}

// Half our rate empties a short queue, whoever else is there: if it fills again soon, and this is
// not how every competition of late has ended, he is. A queue that is still there while it drains
// as ours alone would leaves no doubt.
void RateController::end_competition(bool drain, Instant now) {
  const bool doubtful = standing_queue(now) < queue_limit() / 2;
  suspicious_until_ = doubtful && ++ends_in_a_row_ <= kSuspiciousEnds ? now + kSuspicion : now;
  mode_ = Mode::kDelay;
  draining_ = drain;
  test_.running = false;
}

// Only for that moment: in a long queue it takes much longer until its end is reported.
void RateController::yield(const RateSignal& signal, bool full, Instant now) {
  if (now < yielded_at_) return window_.on_time(signal.rtt, /*idle=*/true, now);
  follow_window(signal, full, now);
  if (signal.sent_at < yielded_at_) return;
  const Duration standing = standing_queue(now);
  const bool empty = standing < queue_limit() / 2;
  const bool ours = !empty && judge_test(signal, standing, now) == Owner::kUs;
  ours_in_a_row_ = ours ? ours_in_a_row_ + 1 : 0;
  if (empty || ours_in_a_row_ == kOursTests) {
    rate_ = std::min(rate_, std::max(scaled(fell_at_, kYield), kMinRate));
    return end_competition(/*drain=*/true, now);
  }
  mode_ = Mode::kCompete;
  if (!ours) yields_every_ = std::min(yields_every_ * 2, kRarestYield);
  yields_at_ = now + (ours ? kNextYield : yields_every_);
}

// Too short for a delay to tell anything.
bool RateController::queue_is_short() const { return queue_loss_.highest() <= queue_limit(); }

// Where losses are many and no queue stands: whether they follow the rate, if it is used. True as
// long as that is being tried.
bool RateController::try_less(const RateSignal& signal, Instant now) {
  if (rate_before_trial_ == DataRate()) {
    const DataRate sent = sent_rate(signal);
    if (mode_ != Mode::kDelay || !queue_is_short() || ratio(sent, rate_) < kUsed) return false;
    if (now < outage_forgotten_at_) return false;
    // A queue that overflows is seldom empty. Where there is none, nothing is to be tried.
    if (queue_loss_.highest() < kLeastQueue) return false;
    if (mean_queue_ < scaled(queue_loss_.highest(), kSeldomEmpty)) return false;
    if (!loss_trial_.is_due(signal.loss, now)) return false;
    rate_before_trial_ = rate_;
    loss_trial_.begin(signal.loss, sent, now);
    rate_ = std::clamp(scaled(sent, LossTrial::kTrialRate), kMinRate, rate_);
    return true;
  }
  if (!queue_is_short()) loss_trial_.abandon();
  if (loss_trial_.is_running()) return true;
  const DataRate before = std::exchange(rate_before_trial_, DataRate());
  if (loss_trial_.cause(now) == LossTrial::Cause::kRate)
    begin_to_compete(rate_, signal.rtt, now);
  else
    rate_ = std::max(rate_, before);
  return false;
}

void RateController::watch_loss(const RateSignal& signal, Instant now) {
  if (signal.loss <= kBreakerLoss) {
    lossy_since_ = Instant::never();
  } else if (lossy_since_.is_never()) {
    lossy_since_ = now;
  } else if (now - lossy_since_ >= kBreakerPatience) {
    rate_ = std::max(scaled(std::min(rate_, scaled(signal.delivered, 2)), 0.5), kMinRate);
    fell_at_ = rate_;
    lossy_since_ = now;
    if (mode_ != Mode::kDelay) window_.start(rate_, signal.rtt, now);
  }
}

}  // namespace swarmcast::link
