// Who gets a fragment, in which class, until when; and the answers to NAKs.
#include <algorithm>

#include "engine/node/node.h"
#include "engine/repair/fec_policy.h"
#include "engine/wire/nak.h"

namespace swarmcast::node {

using wire::body::Purpose;

namespace {

// The catch-up of a newcomer is sent although its moment has passed.
constexpr Duration kCatchUpTime = Duration::seconds(2);
// What a newcomer is assumed to choose where the source does not say.
constexpr Duration kUsualPlayout = Duration::millis(500);

// A repair may take so much longer than half a round trip, at most, and still be in time.
constexpr Duration kArrivalPatience = Duration::millis(4);
constexpr Duration kSecondCopyDelay = Duration::millis(10);
constexpr Duration kNextCopyDelay = Duration::millis(1);
constexpr double kInRuns = 1.5;
// Where more messages get lost, so many are lost twice that a third loss would be felt.
constexpr double kOftenTwice = 0.05;
constexpr Duration kRepairBacklog = Duration::millis(30);
constexpr size_t kMaxSecondCopies = 256;
// Runs of losses are averaged over about the last twenty.
constexpr double kRunGain = 0.05;
constexpr double kLongestRun = 50;

link::SendClass class_of(const FrameHeader& header) {
  if (header.id.track != kVideoTrack) return link::SendClass::kSound;
  if (header.temporal_id == 0) return link::SendClass::kBase;
  return header.temporal_id == 1 ? link::SendClass::kT1 : link::SendClass::kT2;
}

}  // namespace

void Node::push(Instant now, const FrameHeader& header, uint8_t index, const PeerLink* except) {
  const Instant deadline = local_time(now, header.capture).value_or(now) + horizon();
  const StripeId stripe = stripe_of({header.id, index});
  for (const auto& link : links_)
    if (link->is_child() && link->feeds.test(stripe) && link.get() != except)
      order(now, *link, header, index, deadline);
}

void Node::order(Instant now, PeerLink& child, const FrameHeader& header, uint8_t index,
                 Instant deadline) {
  egress_.enqueue({.link = way_to(child, index).id,
                   .fragment = {header.id, index},
                   .send_class = class_of(header),
                   .deadline = deadline,
                   .size = static_cast<uint16_t>(fragment_message_size(header))},
                  now);
}

void Node::begin_feeding(PeerLink& child) {
  egress_.add_link(child.id);
  egress_.set_one_way_delay(child.id, child.rtt.smoothed() / 2);
  rate_.add_link(child.id);
  child.fed = true;
  tell_other_addresses(child);
  if (!trust_.known()) return;
  for (const auto& key : trust_.epoch_keys()) say(child, key);
  if (trust_.ended()) say(child, *trust_.tombstone());
}

// A newcomer gets the last key frame, a child whose parent died begins with the frame it wants: the
// base layer since, and all that can still be shown in time. Then the live stream follows.
void Node::feed(Instant now, PeerLink& child, const overlay::Feed& wanted) {
  const bool already = child.feeds.test(wanted.stripe);
  if (!child.fed) begin_feeding(child);
  child.feeds.set(wanted.stripe);
  const auto newest = store_.newest(kVideoTrack);
  if (already || !newest) return;
  const auto key = store_.last_key(kVideoTrack);
  const bool join = wanted.purpose == Purpose::kJoin;
  if (join && !key) return;
  std::vector<FragmentId> missed;
  size_t bytes = 0;
  const Duration playout = std::max(trust_.description().playout, kUsualPlayout);
  const StreamTime live =
      stream_time(now).value_or(StreamTime::never()) - (join ? playout : horizon());
  for (const repair::FrameState& frame :
       store_.frames_from(kVideoTrack, join ? *key : wanted.from)) {
    const FrameHeader& h = frame.header;
    if (h.temporal_id != 0 && h.capture < live) continue;
    int sent = 0;
    for (uint8_t i = 0; i < h.total(); ++i) {
      if (!frame.have.test(i)) continue;
      if (frame.complete && sent == h.k) break;  // no parity: a loss is NAKed
      ++sent;
      if (stripe_of({h.id, i}) != wanted.stripe) continue;
      missed.push_back({h.id, i});
      bytes += fragment_message_size(h);
    }
  }
  // Else it goes on with what is live: a part of it would show nothing, and it can ask for a key.
  if (!catch_ups_.take(bytes)) return;
  for (const FragmentId id : missed)
    order(now, child, store_.frame(id.frame)->header, id.index, now + kCatchUpTime);
}

void Node::on_nak(Instant now, PeerLink& link, ByteSpan message) {
  const auto nak = wire::parse_nak(message);
  if (!nak) {
    ++counts_.drops.malformed;
    return;
  }
  if (!link.fed) {
    ++counts_.drops.unexpected;
    return;
  }
  watch_outage(now, link, *nak);
  // Repairs that have not even left are asked for again: the same ones would only queue twice.
  if (egress_.repair_backlog(link.id) > std::max(link.rtt.smoothed(), kRepairBacklog)) return;
  wire::SequenceRanges settled;
  for (const wire::SequenceRange& range : nak->ranges.list()) {
    const uint64_t before = counts_.repair.nak_answered;
    for (uint16_t i = 0; i < range.length; ++i) {
      const auto low = static_cast<uint16_t>(range.first + i);
      answer_nak(now, link, link.sent.unwrap(low), *nak, settled);
    }
    if (counts_.repair.nak_answered > before)
      loss_run_ += (std::min<double>(range.length, kLongestRun) - loss_run_) * kRunGain;
  }
  if (settled.empty()) return;
  Bytes<wire::kMaxNakSize> bytes;
  const size_t size = wire::write_settled(bytes, {settled});
  send(now, link, ByteSpan(bytes).first(size));
}

void Node::answer_nak(Instant now, PeerLink& link, LinkSequence sequence, const wire::Nak& nak,
                      wire::SequenceRanges& settled) {
  const auto sent = link.sent.lookup(sequence);
  const ByteSpan held = sent ? ByteSpan(store_.find(*sent)) : ByteSpan();
  const bool base = !held.empty() && store_.frame(sent->frame)->header.temporal_id == 0;
  const bool given_up = sent && sent->frame.track == kVideoTrack &&
                        sequence < (base ? link.base_from : link.rest_from);
  const bool useless = held.empty() || given_up || (nak.base_only && !base);
  if (useless) {
    settled.add(static_cast<uint16_t>(sequence.value()));
    return;
  }
  // Who has had its share asks again, and gets it if it is still in time.
  const size_t size = held.size() + kRepairTrailerSize;
  if (!link.repairs.covers(size)) return;
  const FrameHeader& header = store_.frame(sent->frame)->header;
  const Duration round_trip = link.rtt.smoothed() + link.rtt.variation() * 2;
  switch (link.sent.on_nak(sequence, now, round_trip, header.k)) {
    case repair::NakAnswer::kWait:
      return;
    case repair::NakAnswer::kSettled:
      settled.add(static_cast<uint16_t>(sequence.value()));
      return;
    case repair::NakAnswer::kResend:
      break;
  }
  const Instant deadline = local_time(now, header.capture).value_or(now) + horizon() + kCatchUpTime;
  const link::SendOrder repair{.link = link.id,
                               .fragment = *sent,
                               .send_class = link::SendClass::kRepair,
                               .deadline = deadline,
                               .size = static_cast<uint16_t>(size),
                               .answers = sequence};
  link.repairs.take(size);
  egress_.enqueue(repair, now);
  ++counts_.repair.nak_answered;
  const bool in_runs = loss_run_ > kInRuns;
  const bool twice_lost = link.sent.was_repaired(sequence);
  const bool last = nak.urgent || is_last_try(now, link, header) ||
                    (twice_lost && (in_runs || link.monitor.loss() > kOftenTwice));
  if (nak.base_only || !last) return;
  // Where losses come in runs, copies keep their distance: back to back, one run takes all.
  const Duration distance = in_runs ? kSecondCopyDelay : kNextCopyDelay;
  for (unsigned i = 1; i < repair::last_repair_copies(link.monitor.loss()); ++i) {
    if (second_copies_.size() == kMaxSecondCopies || !link.repairs.take(size)) return;
    second_copies_.push_back({now + distance * static_cast<int64_t>(i), repair});
    ++counts_.repair.nak_answered;
  }
}

// Whether a loss of the repair sent now could not be repaired in time again. The child knows better
// when it wants a frame, but not what the number stood for that it misses.
bool Node::is_last_try(Instant now, const PeerLink& link, const FrameHeader& header) const {
  const Duration playout = trust_.known() ? trust_.description().playout : Duration();
  if (playout <= Duration()) return false;
  const Duration rtt = link.rtt.smoothed();
  const Duration round = rtt + std::max(repair::kRoundMargin, link.rtt.variation() * 4);
  const Instant due = local_time(now, header.capture).value_or(now) + playout;
  const Instant arrival = now + rtt / 2 + std::min(rtt / 16, kArrivalPatience);
  return arrival <= due && arrival + round > due;
}

void Node::send_second_copies(Instant now) {
  std::erase_if(second_copies_, [&](const Delayed& copy) {
    if (copy.at <= now) egress_.enqueue(copy.order, now);
    return copy.at <= now;
  });
}

void Node::on_settled(PeerLink& link, ByteSpan message) {
  const auto answer = wire::parse_settled(message);
  if (!answer) {
    ++counts_.drops.malformed;
    return;
  }
  for (const wire::SequenceRange& range : answer->ranges.list()) {
    const LinkSequence first(unwrap_sequence(range.first, link.gaps.expected().value()));
    link.gaps.on_settled({first, range.length});
  }
}

void Node::stop_feeding(PeerLink& child, StripeId stripe) {
  child.feeds.set(stripe, false);
  child.told[stripe.value()] = {};
  if (!child.feeds.any()) stop_feeding(child);
}

void Node::stop_feeding(PeerLink& child) {
  if (!child.fed) return;
  PeerLink* path = child.is_second() ? nullptr : other_path(child);
  if (path) {
    stop_feeding(*path);
    path->closing = true;
  }
  child.fed = child.stalled = false;
  child.feeds.reset();
  child.told = {};
  egress_.remove_link(child.id);
  rate_.remove_link(child.id);
}

}  // namespace swarmcast::node
