#include "host/media/pacer.h"

#include <algorithm>
#include <vector>

namespace swarmcast::media {

void Pacer::restart(int64_t now) {
  window_start_ = now;
  arrivals_.clear();
}

void Pacer::on_blocked(int64_t now) {
  probing_ = false;
  restart(now);
}

Pacer::Leads Pacer::leads(int64_t from, int64_t to) const {
  std::vector<int64_t> sorted;
  for (const Arrival& a : arrivals_)
    if (a.at >= from && a.at < to) sorted.push_back(a.lead);
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty()) return {};
  return {true, sorted.front(), sorted[sorted.size() / kHiccups]};
}

// A faster producer that stalled once looks as if its lead stood. One that comes in bursts stalls
// more than once in a window.
bool Pacer::grows_but_for_a_stall() const {
  int64_t growth = 0;
  int stalls = 0;
  for (size_t n = 1; n < arrivals_.size(); ++n) {
    const int64_t step = arrivals_[n].lead - arrivals_[n - 1].lead;
    if (step < -kProducerStall)
      ++stalls;
    else
      growth += step;
  }
  return stalls == 1 && growth > 2 * kMaxGrowth;
}

int64_t Pacer::standing_lead(int64_t now) {
  const int64_t window = timing_ == Timing::kNominal ? kNominalWindow : kWindow;
  while (arrivals_.front().at < now - window) arrivals_.pop_front();
  if (now - window_start_ < window) return 0;
  const Leads all = leads(now - window, now + 1);
  if (all.least <= kNegligible) return 0;
  if (timing_ == Timing::kNominal) return all.least;
  const Leads older = leads(now - window, now - window / 2);
  const Leads newer = leads(now - window / 2, now + 1);
  // After a gap there is nothing to compare with: the producer may come in bursts, yet faster.
  if (!older.any || newer.usual - older.usual > kMaxGrowth || grows_but_for_a_stall()) return 0;
  return all.least > kJump ? all.usual : all.least;
}

bool Pacer::on_arrival(int64_t pts, int64_t now) {
  if (!started_ || timing_ == Timing::kDevice || now - (base_ + pts) > kStall) {
    started_ = true;
    probing_ = may_be_live();
    base_ = now - pts;
    restart(now);
  }
  if (!may_be_live()) return false;
  arrivals_.push_back({now, base_ + pts - now});
  const int64_t lead = standing_lead(now);
  if (lead == 0) return false;
  const bool jumps = lead > kJump && timing_ == Timing::kStream;
  if (jumps && now - last_jump_ < kMinJumpDistance) return false;
  if (jumps) last_jump_ = now;
  base_ -= lead;
  restart(now);
  return jumps;
}

}  // namespace swarmcast::media
