#include "sim/report/measure.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace swarmcast::sim {
namespace {

constexpr Duration kSecond = Duration::seconds(1);

double share_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

}  // namespace

Measure::Viewer& Measure::viewer(NodeId node) {
  if (node >= viewers_.size()) viewers_.resize(node + 1);
  return viewers_[node];
}

void Measure::expect(NodeId node, Instant from) {
  Viewer& v = viewer(node);
  v.due_from = std::max(from, begin_);
  v.stalled_from = v.due_from;
  v.recent.resize(kRing);
}

void Measure::excuse(NodeId node) {
  Viewer& v = viewer(node);
  if (v.due_from.is_never()) return;
  const Instant until = std::min(swarm_.now(), end_);
  count_stall(v, until);
  watched_ += std::max(until - v.due_from, Duration());
  v.due_from = Instant::never();
}

void Measure::on_published(Instant now, const EncodedFrame& frame) {
  if (frame.track == kVideoTrack) on_published(now, frame.payload.size(), frame.temporal_id == 0);
}

void Measure::on_published(Instant now, size_t bytes, bool base_layer) {
  captured_.push_back({now, bytes, base_layer});
  SWARMCAST_CHECK(captured_.size() - settled_ <= kRing);
  settle_up_to(now);
}

void Measure::on_sent(Instant now, NodeId, ByteSpan message) {
  const Traffic::Parts parts = traffic_.classify(message);
  on_bytes(now, Cause::kPicture, parts.picture);
  on_bytes(now, parts.cause, message.size() + kPacketOverhead - parts.picture);
}

void Measure::on_bytes(Instant now, Cause cause, uint64_t bytes) {
  if (begin_ <= now && now < end_) bytes_[static_cast<size_t>(cause)] += bytes;
}

// Between the moment at which a picture was to follow and `until`, as far as it was due.
void Measure::count_stall(Viewer& v, Instant until) {
  const Instant from = std::max(v.stalled_from, v.due_from);
  if (from + (kStall - period_) < until) stalled_ += std::min(until, end_) - from;
}

void Measure::on_frame(Instant now, NodeId node, const output::Frame& o) {
  if (o.show && o.frame.track == kVideoTrack)
    on_shown(node, o.frame.number.value(), now, o.present_at, o.late);
}

void Measure::on_shown(NodeId node, uint32_t number, Instant ready, Instant present_at, bool late) {
  if (node >= viewers_.size()) return;
  Viewer& v = viewers_[node];
  if (v.recent.empty() || number >= captured_.size()) return;
  const Instant at = std::max(ready, present_at);
  const Instant captured = captured_[number].at;
  v.recent[number % kRing] = {.number = number,
                              .shown = true,
                              .on_time = !late && ready <= present_at,
                              .delay = at - captured,
                              .network = ready - captured};
  if (!v.due_from.is_never() && at >= v.due_from && v.stalled_from < end_) count_stall(v, at);
  v.stalled_from = at + period_;
}

void Measure::settle_up_to(Instant now) {
  for (; settled_ < captured_.size() && captured_[settled_].at + kSettle <= now; ++settled_) {
    const Instant at = captured_[settled_].at;
    if (at < begin_ || at >= end_) continue;
    for (Viewer& v : viewers_)
      if (at >= v.due_from) settle(v, settled_);
  }
}

void Measure::settle(Viewer& v, uint32_t number) {
  const auto at = static_cast<size_t>((captured_[number].at - begin_).us() / kSecond.us());
  if (at >= seconds_.size()) seconds_.resize(at + 1);
  SecondOfRun& second = seconds_[at];
  const bool base = captured_[number].base_layer;
  ++due_;
  base_due_ += base;
  ++second.due;
  if (std::exchange(v.seconds_due, at + 1) != at + 1) ++second.viewers;
  const Shown& s = v.recent[number % kRing];
  if (!s.shown || s.number != number) return;
  if (std::exchange(v.seconds_watched, at + 1) != at + 1) ++second.watching;
  ++shown_;
  on_time_ += s.on_time;
  base_on_time_ += base && s.on_time;
  second.on_time += s.on_time;
  media_bytes_ += captured_[number].bytes;
  count(delays_, s.delay + kDeviceTime);
  count(network_delays_, s.network);
}

void Measure::count(Bins& bins, Duration delay) {
  const auto bin = static_cast<size_t>(std::max(delay, Duration()).us() / kBin.us());
  ++bins[std::min(bin, kBins - 1)];
}

Measure::Counted Measure::counted(NodeId node) const {
  Counted out{.sent = swarm_.network().bytes_sent(node)};
  if (node == 0 || !swarm_.alive(node)) return out;
  const Sample sample = swarm_.sample(node);
  out.fresh = sample.fresh;
  out.again = sample.again;
  return out;
}

void Measure::on_begin() {
  before_.clear();
  for (NodeId node = 0; node < swarm_.size(); ++node) before_.push_back(counted(node));
}

// Of those that vanished meanwhile, what they received is not known any more, nor needed.
void Measure::on_end() {
  for (NodeId node = 0; node < swarm_.size(); ++node) {
    const Counted before = node < before_.size() ? before_[node] : Counted();
    const Counted after = counted(node);
    total_.sent += after.sent - before.sent;
    if (!swarm_.alive(node)) continue;
    total_.fresh += after.fresh - before.fresh;
    total_.again += after.again - before.again;
    tree_.push_back({node, swarm_.parent(node, StripeId(0)), swarm_.sample(node).hop});
    capacity_ += static_cast<uint64_t>(swarm_.network().uplink(node).bytes_in(end_ - begin_));
  }
}

void Measure::sample_depths() {
  for (NodeId node = 1; node < swarm_.size(); ++node) {
    if (!swarm_.alive(node)) continue;
    const int hop = swarm_.sample(node).hop;
    if (static_cast<size_t>(hop) >= depths_.size()) depths_.resize(static_cast<size_t>(hop) + 1);
    ++depths_[static_cast<size_t>(hop)];
    if (hop == 0) continue;
    hop_sum_ += static_cast<uint64_t>(hop);
    ++hop_samples_;
    hops_max_ = std::max(hops_max_, hop);
  }
}

std::optional<double> Measure::percentile(const Bins& bins, double share) const {
  // The least value that at least `share` of all pairs do not exceed; what was never shown exceeds
  // every value.
  const double wanted = share * static_cast<double>(due_);
  uint64_t seen = 0;
  for (size_t bin = 0; bin < kBins; ++bin) {
    seen += bins[bin];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return static_cast<double>(bin);
  }
  return std::nullopt;
}

Summary Measure::summary() {
  settle_up_to(swarm_.now());
  Summary out;
  for (NodeId node = 0; node < viewers_.size(); ++node) {
    if (viewers_[node].due_from.is_never()) continue;
    ++out.viewers;
    excuse(node);
  }
  out.p50_ms = percentile(delays_, 0.50);
  out.p95_ms = percentile(delays_, 0.95);
  out.p99_ms = percentile(delays_, 0.99);
  out.network_p50_ms = percentile(network_delays_, 0.50);
  out.network_p95_ms = percentile(network_delays_, 0.95);
  out.network_p99_ms = percentile(network_delays_, 0.99);
  out.hops_mean = share_of(static_cast<double>(hop_sum_), static_cast<double>(hop_samples_));
  out.hops_max = hops_max_;
  const uint64_t unplaced = depths_.empty() ? 0 : depths_[0];
  out.unplaced =
      share_of(static_cast<double>(unplaced), static_cast<double>(unplaced + hop_samples_));
  out.on_time = share_of(static_cast<double>(on_time_), static_cast<double>(due_));
  out.base_on_time = share_of(static_cast<double>(base_on_time_), static_cast<double>(base_due_));
  out.stall_share = share_of(stalled_.seconds_f(), watched_.seconds_f());
  out.overhead = share_of(static_cast<double>(total_.sent), static_cast<double>(media_bytes_)) - 1;
  out.duplicates =
      share_of(static_cast<double>(total_.again), static_cast<double>(total_.again + total_.fresh));
  out.uplink_used = share_of(static_cast<double>(total_.sent), static_cast<double>(capacity_));
  return out;
}

Details Measure::details() const {
  Details out{.depths = depths_,
              .seconds = seconds_,
              .bytes = bytes_,
              .duplicate_bytes = total_.again,
              .tree = tree_};
  uint64_t seen = 0;
  for (size_t bin = 0; bin < kBins && seen < shown_; ++bin) {
    seen += delays_[bin];
    out.delay_cdf.push_back(share_of(static_cast<double>(seen), static_cast<double>(due_)));
  }
  return out;
}

}  // namespace swarmcast::sim
