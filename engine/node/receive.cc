// A fragment comes in: parsed, verified, stored once, forwarded at once. Readable top to bottom.
#include <algorithm>

#include "engine/node/node.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_repair.h"

namespace swarmcast::node {

namespace {

// How long a frame is worth repairing where no playout delay is fixed.
constexpr Duration kDefaultHorizon = Duration::seconds(1);

}  // namespace

void Node::on_fragment(Instant now, PeerLink& from, ByteSpan message) {
  // Only those we asked may send us media; none can be judged before the source is known.
  const bool expected = from.direction == LinkDirection::kParent ||
                        from.direction == LinkDirection::kBackup || from.ours;
  if (!expected || !verifier_ || is_source()) {
    ++counts_.drops.unexpected;
    return;
  }
  Bytes<kMaxMessageSize> whole;
  if (wire::is_lean_repair(message)) {
    const auto frame = wire::frame_of_lean_repair(message);
    const auto signature = frame ? verifier_->signature_of(*frame) : std::nullopt;
    if (!signature) return;  // as good as lost: it will be asked for again
    message = wire::restore_repair(whole, message, *signature);
  }
  const auto view = wire::parse_fragment(message);
  if (!view) {
    ++counts_.drops.malformed;
    return;
  }
  const wire::HopHeader hop = wire::parse_hop_header(message);
  const FragmentId id = view->id();
  const repair::FrameState* known = store_.frame(id.frame);
  const bool duplicate = known && known->have.test(id.index);
  if (!duplicate) {
    const auto verified = verifier_->verify(*view);
    if (!verified) {
      ++counts_.drops.forged;
      if (++from.forgeries > kMaxForgeriesPerLink) drop_link(now, from);
      return;
    }
    if (store_.insert(*verified) == repair::Insertion::kNew) {
      counts_.bytes.media_in += view->payload.size();
      media_rate_.add(now, view->payload.size());
      on_stored(now, from, id);
    } else {
      ++counts_.drops.replayed;
    }
  }
  const LinkSequence sequence = from.feedback.on_media(hop.link_sequence, now).sequence;
  std::optional<LinkSequence> answers;
  if (hop.answers) answers.emplace(unwrap_sequence(*hop.answers, sequence.value()));
  from.gaps.on_received(now, sequence, id.frame.track, deadline_of(now, view->header), answers);
  from.dirty = true;
}

void Node::on_stored(Instant now, PeerLink& from, FragmentId id) {
  const repair::FrameState& frame = *store_.frame(id.frame);
  push(now, frame.header, id.index, &from);
  const bool just_completed = frame.complete && frame.received == frame.header.k;
  const bool news = just_completed || frame.received == 1;
  if (screen_ && news) {
    if (const auto time = screen_time(now)) screen_->on_fragment(frame, *time);
  }
  if (just_completed) on_frame_complete(now, frame);
}

void Node::on_frame_complete(Instant now, const repair::FrameState& frame) {
  const bool has_children = std::ranges::any_of(links_, [](const auto& link) { return link->fed; });
  if (frame.header.total() > frame.header.k && has_children) rebuild_missing(now, frame.header);
}

// What we never got is restored and sent on, so that every hop starts with the full redundancy.
void Node::rebuild_missing(Instant now, const FrameHeader& header) {
  std::array<ByteSpan, kMaxFragmentsPerFrame> payloads;
  const auto spans = std::span(payloads).first(header.total());
  if (!store_.payloads(header.id, rebuild_scratch_, spans)) return;
  const auto frame = verifier_->rebuild(header, spans);
  if (!frame) return;
  const repair::FragmentSet had = store_.frame(header.id)->have;
  // Writing into the store may move what the payloads point at: write all messages first.
  std::vector<std::pair<uint8_t, std::vector<uint8_t>>> written;
  for (uint8_t i = 0; i < header.total(); ++i) {
    if (had.test(i)) continue;
    std::vector<uint8_t> message(fragment_message_size(header));
    verifier_->write(*frame, i, message);
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
  if (first_lacking.is_never()) return Instant::never();
  return now + (first_lacking - *time) + patience();
}

}  // namespace swarmcast::node
