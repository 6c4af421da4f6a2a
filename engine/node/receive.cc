// A fragment comes in: parsed, verified, stored once, forwarded at once. Readable top to bottom.
#include <algorithm>
#include <utility>

#include "engine/node/node.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"

namespace swarmcast::node {

namespace {

// How long a frame is worth repairing where no playout delay is fixed.
constexpr Duration kDefaultHorizon = Duration::seconds(1);

// The number a repair repeats.
std::optional<LinkSequence> answered(const wire::HopHeader& hop, LinkSequence sequence) {
  if (!hop.answers) return std::nullopt;
  return LinkSequence(unwrap_sequence(*hop.answers, sequence.value()));
}

}  // namespace

void Node::on_fragment(Instant now, PeerLink& from, ByteSpan message) {
  // Only those we asked may send us media; none can be judged before the source is known.
  const bool expected = from.direction == LinkDirection::kParent ||
                        from.direction == LinkDirection::kBackup || from.ours;
  if (!expected || !verifier_ || is_source()) {
    ++counts_.drops.unexpected;
    return;
  }
  if (wire::is_lean_fragment(message))
    on_lean_fragment(now, from, message);
  else
    on_whole_fragment(now, from, message);
}

void Node::on_whole_fragment(Instant now, PeerLink& from, ByteSpan message) {
  const auto view = take(now, from, message);
  if (!view) return;
  const wire::HopHeader hop = wire::parse_hop_header(message);
  const LinkSequence sequence = from.feedback.on_media(hop.link_sequence, from.arrived).sequence;
  from.gaps.on_received(now, sequence, view->header.id.track, deadline_of(now, view->header),
                        answered(hop, sequence));
  from.dirty = true;
  release_held(now, view->header.id);
}

void Node::on_lean_fragment(Instant now, PeerLink& from, ByteSpan message) {
  const auto id = wire::id_of_lean_fragment(message);
  if (!id) {
    ++counts_.drops.malformed;
    return;
  }
  const FrameProof* proof = verifier_->proof_of(id->frame);
  if (!proof) return hold(now, from, id->frame, message);
  Bytes<kMaxMessageSize> whole;
  on_whole_fragment(now, from, wire::restore_fragment(whole, message, *proof));
}

// It has come, but nothing yet that proves its frame.
void Node::hold(Instant now, PeerLink& from, FrameId frame, ByteSpan message) {
  const wire::HopHeader hop = wire::parse_hop_header(message);
  const auto received = from.feedback.on_media(hop.link_sequence, from.arrived);
  if (received.duplicate) return;
  from.gaps.on_held(now, received.sequence, answered(hop, received.sequence));
  from.hold.expire(now);
  if (const auto dropped = from.hold.add(now, frame, received.sequence, message))
    from.gaps.on_held_dropped(now, *dropped);
  from.dirty = true;
}

// What waited for a fragment that proves the frame, on any link.
void Node::release_held(Instant now, FrameId frame) {
  const FrameProof* found = verifier_->proof_of(frame);
  if (!found) return;
  const FrameProof proof = *found;
  for (const auto& link : links_) {
    while (const auto held = link->hold.take(frame)) {
      Bytes<kMaxMessageSize> whole;
      if (take(now, *link, wire::restore_fragment(whole, held->message, proof)))
        link->gaps.on_held_proven(held->sequence);
    }
  }
}

// Parses, verifies, stores and forwards; nullopt if it is not the source's.
std::optional<FragmentView> Node::take(Instant now, PeerLink& from, ByteSpan message) {
  const auto view = wire::parse_fragment(message);
  if (!view) {
    ++counts_.drops.malformed;
    return std::nullopt;
  }
  const FragmentId id = view->id();
  const repair::FrameState* known = store_.frame(id.frame);
  if (known && known->have.test(id.index)) {
    counts_.bytes.media_again += view->payload.size();
    return view;
  }
  const auto verified = verifier_->verify(*view);
  if (!verified) {
    ++counts_.drops.forged;
    if (++from.forgeries > kMaxForgeriesPerLink) drop_forger(now, from);
    return std::nullopt;
  }
  if (store_.insert(*verified) == repair::Insertion::kNew) {
    counts_.bytes.media_in += view->payload.size();
    media_rate_.add(now, view->payload.size());
    on_stored(now, from, id);
  } else {
    ++counts_.drops.replayed;
  }
  return view;
}

void Node::on_stored(Instant now, PeerLink& from, FragmentId id) {
  const repair::FrameState& frame = *store_.frame(id.frame);
  deliveries_[stripe_of(id).value()].on_fragment(now);
  push(now, frame.header, id.index, &from);
  const bool just_completed = frame.complete && frame.received == frame.header.k;
  const bool news = just_completed || frame.received == 1;
  if (screen_ && news) {
    if (const auto time = screen_time(now)) screen_->on_fragment(frame, *time);
  }
  const bool has_children = std::ranges::any_of(links_, [](const auto& link) { return link->fed; });
  if (!has_children) return;
  if (frame.complete) rebuild_lost(now, frame, stripe_of(id));
  if (store_.frame(id.frame)->received > 1 || id.frame.number.value() == 0) return;
  const repair::FrameState* before =
      store_.frame({id.frame.track, FrameNumber(id.frame.number.value() - 1)});
  if (before && before->complete) rebuild_lost(now, *before, std::nullopt);
}

// What was lost on the way here is restored and sent on, so that every hop starts with the full
// redundancy. What a stripe carries behind the last of it that came is on its way yet.
void Node::rebuild_lost(Instant now, const repair::FrameState& frame,
                        std::optional<StripeId> stripe) {
  const FrameHeader header = frame.header;
  repair::FragmentSet lost, behind;
  for (uint8_t i = 0; i < header.total(); ++i) {
    if (stripe && stripe_of({header.id, i}) != *stripe) continue;
    if (frame.have.test(i))
      lost |= std::exchange(behind, {});
    else
      behind.set(i);
  }
  if (!stripe) lost |= behind;
  if (lost.none()) return;
  std::array<ByteSpan, kMaxFragmentsPerFrame> payloads;
  const auto spans = std::span(payloads).first(header.total());
  const size_t missing = size_t{header.total()} - frame.received;
  if (rebuild_scratch_.size() < missing * header.fragment_payload()) {
    crypto_.wipe(rebuild_scratch_);
    rebuild_scratch_ = std::vector<uint8_t>(missing * header.fragment_payload());
  }
  if (!store_.payloads(header.id, rebuild_scratch_, spans)) return;
  const auto rebuilt = verifier_->rebuild(header, spans);
  if (!rebuilt) return;
  // Writing into the store may move what the payloads point at: write all messages first.
  std::vector<std::pair<uint8_t, std::vector<uint8_t>>> written;
  for (uint8_t i = 0; i < header.total(); ++i) {
    if (!lost.test(i)) continue;
    std::vector<uint8_t> message(fragment_message_size(header));
    verifier_->write(*rebuilt, i, message);
    written.emplace_back(i, std::move(message));
  }
  for (const auto& [index, message] : written) {
    const auto view = wire::parse_fragment(message);
    const auto verified = verifier_->verify(*view);
    if (verified && store_.insert(*verified) == repair::Insertion::kNew)
      push(now, header, index, nullptr);
  }
}

// How long after its capture a frame may still be of use to somebody.
Duration Node::horizon() const {
  const Duration advertised = trust_.known() ? trust_.description().playout : Duration();
  const Duration own = options_.playout.value_or(screen_ ? screen_->playout_delay() : Duration());
  return std::max({advertised, own, kDefaultHorizon});
}

// When a frame is due here, or at those who depend on us.
Instant Node::deadline_of(Instant now, const FrameHeader& header) const {
  return local_time(now, header.capture).value_or(now) + patience();
}

Duration Node::patience() const { return is_leaf() ? screen_->playout_delay() : horizon(); }

// A neighbour takes everybody to wait as long as the source advertises.
bool Node::sender_knows_deadline() const {
  const Duration advertised = trust_.known() ? trust_.description().playout : Duration();
  return advertised > Duration() && (!screen_ || screen_->playout_delay() >= advertised);
}

// A viewer that nobody depends on.
bool Node::is_leaf() const {
  return screen_ && std::ranges::none_of(links_, [](const auto& link) { return link->fed; });
}

// When the oldest frame is due that is incomplete and may still be of use; never() while parity has
// covered all losses.
Instant Node::hungry_from(Instant now) const {
  const auto time = stream_time(now);
  if (!time) return Instant::from_us(0);
  StreamTime first_lacking = StreamTime::never();
  const StreamTime oldest = *time - horizon() - repair::GapTracker::kGrace;
  for (const TrackId track : {kVideoTrack, kAudioTrack}) {
    const repair::FrameState* first = store_.frame_from(track, FrameNumber(0));
    const auto newest = store_.newest(track);
    if (!first || !newest) continue;
    bool key_after = false;  // those too late are of no use to any other
    bool unseen = false;     // nothing came of the frame after this one
    for (uint32_t number = newest->value(); number > first->header.id.number.value(); --number) {
      const repair::FrameState* frame = store_.frame({track, FrameNumber(number)});
      if (!frame) {
        unseen = true;
        continue;
      }
      const StreamTime capture = frame->header.capture;
      const bool lacking = !frame->complete || unseen;
      if (lacking && (!key_after || capture + patience() >= *time))
        first_lacking = std::min(first_lacking, capture);
      if (capture < oldest) break;
      unseen = false;
      key_after |= frame->complete && frame->header.key;
    }
  }
  Instant due =
      first_lacking.is_never() ? Instant::never() : now + (first_lacking - *time) + patience();
  // Of a frame that nothing proves yet, it is known only about when it was sent.
  for (const auto& link : links_) {
    const Instant held = link->hold.oldest(now);
    if (!held.is_never()) due = std::min(due, held - link->rtt.smoothed() / 2 + patience());
  }
  return due;
}

}  // namespace swarmcast::node
