// When nothing got through to a child for a while: sending stops, and goes on with what brings it
// back to the live edge soonest.
//
// That is either the base layer since it last heard from us, or since the last key frame if that
// is later; or a new key frame, which every other child pays for as well, which the encoder may
// not make at once, and which is shown no sooner than a playout delay after its capture.
#include <algorithm>

#include "engine/node/node.h"

namespace swarmcast::node {

namespace {

// Part of the playout delay within which what a child lacks is to be sent: it leaves room for a
// repair.
constexpr int64_t kCatchUpPart = 2;
constexpr size_t kOutageMessages = 8;
// Of the base layer, which what comes later hangs on, however late.
constexpr Duration kBaseDeadline = Duration::seconds(2);

}  // namespace

// The circuit breaker: nothing is heard of what we send, so we stop, and only tick.
void Node::watch_stall(Instant now, PeerLink& child) {
  if (!child.fed || child.stalled || !child.monitor.is_stalled(now)) return;
  child.stalled = true;
  egress_.set_blocked(child.id, true);
}

// What was not sent meanwhile is not sent any more, and what was is not repaired.
void Node::end_stall(Instant now, PeerLink& child) {
  child.stalled = false;
  child.monitor.on_heard_again();
  egress_.set_blocked(child.id, false);
  child.base_from = child.rest_from = child.sent.next();
  if (!catch_up(now, child)) on_key_request(now);
}

// If much is asked for that can no longer be shown in time, at any viewer below the child: no more
// of it is repaired than the base layer, and not even that if a key frame ends it sooner.
void Node::watch_outage(Instant now, PeerLink& child, const wire::Nak& nak) {
  const Instant shown_by = now + child.rtt.smoothed() / 2 - playout_below(child);
  size_t late = 0, base_bytes = 0;
  for (const wire::SequenceRange& range : nak.ranges.list()) {
    for (uint16_t i = 0; i < range.length; ++i) {
      const LinkSequence number = child.sent.unwrap(static_cast<uint16_t>(range.first + i));
      const auto sent = child.sent.lookup(number);
      const bool asked_first = sent && sent->frame.track == kVideoTrack &&
                               number >= child.base_from && !child.sent.was_repaired(number);
      const repair::FrameState* frame = asked_first ? store_.frame(sent->frame) : nullptr;
      if (!frame) continue;
      late += local_time(now, frame->header.capture).value_or(now) < shown_by;
      if (frame->header.temporal_id == 0) base_bytes += fragment_message_size(frame->header);
    }
  }
  if (late < kOutageMessages) return;
  child.rest_from = child.sent.next();
  if (!is_sooner_than_key(now, child, base_bytes) && on_key_request(now))
    child.base_from = child.sent.next();
}

// The delay at the viewer below the child that waits longest, as far as it is known.
Duration Node::playout_below(const PeerLink& child) const {
  const auto report = overlay_.report_of(child.id);
  return report && report->delay_ms > 0 ? Duration::millis(report->delay_ms) : horizon();
}

// Whether `bytes` of older pictures end an outage sooner than a key frame asked for now.
bool Node::is_sooner_than_key(Instant now, const PeerLink& child, size_t bytes) const {
  const auto fed = std::ranges::count_if(links_, [](const auto& link) { return link->fed; });
  const DataRate share = DataRate::bps(rate_.node_rate().bps() / std::max<int64_t>(fed, 1));
  const DataRate rate = std::min(share, rate_.link_rate(child.id));
  Duration patience = playout_below(child) / kCatchUpPart;
  if (const auto key = store_.last_key(kVideoTrack)) {
    const StreamTime made = store_.frame({kVideoTrack, *key})->header.capture;
    const Instant next = local_time(now, made).value_or(now) + kKeyRequestGap;
    patience = patience + std::max(next - now, Duration());
  }
  return rate.time_to_send(static_cast<int64_t>(bytes)) <= patience;
}

// The picture of the first message that the child has not told us of; `key` if that is later.
FrameNumber Node::first_unheard_of(const PeerLink& child, FrameNumber key) const {
  for (LinkSequence n = child.monitor.first_unreported(); n < child.sent.next(); n = n.next()) {
    const auto sent = child.sent.lookup(n);
    if (sent && sent->frame.track == kVideoTrack) return std::max(sent->frame.number, key);
  }
  return key;
}

// Sends the base layer that the child lacks, and what can still be shown in time. False if a new
// key frame is better.
bool Node::catch_up(Instant now, PeerLink& child) {
  const auto key = store_.last_key(kVideoTrack);
  if (!key) return false;
  const FrameNumber first = first_unheard_of(child, *key);
  size_t bytes = 0;
  for (const repair::FrameState& frame : store_.frames_from(kVideoTrack, first)) {
    const FrameHeader& h = frame.header;
    if (h.temporal_id != 0) continue;
    bytes += h.k * fragment_message_size(h) * child.feeds.count() / kStripes;
  }
  if (!is_sooner_than_key(now, child, bytes)) return false;
  for (const repair::FrameState& frame : store_.frames_from(kVideoTrack, first)) {
    const FrameHeader& h = frame.header;
    const Instant shown_at = local_time(now, h.capture).value_or(now) + playout_below(child);
    const Instant deadline = h.temporal_id == 0 ? now + kBaseDeadline : shown_at;
    int sent = 0;
    for (uint8_t i = 0; i < h.total() && sent < h.k; ++i) {
      if (!frame.have.test(i)) continue;
      ++sent;
      if (child.feeds.test(stripe_of({h.id, i}))) order(now, child, h, i, deadline);
    }
  }
  return true;
}

}  // namespace swarmcast::node
