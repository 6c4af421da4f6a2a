// What goes out, most urgent first: events, control, frames to show, media.
#include <algorithm>

#include "engine/node/node.h"
#include "engine/repair/fec_policy.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"

namespace swarmcast::node {

namespace {

// Where more messages get lost, the last one of a burst is confirmed soon after it.
constexpr double kLossyLink = 0.01;

}  // namespace

std::optional<Output> Node::poll(Instant now) {
  now_ = std::max(now_, now);
  if (const auto message = outbox_.pop()) {
    counts_.bytes.message_out += message->message.size();
    return Output(*message);
  }
  if (auto message = next_path_message()) return message;
  if (!events_.empty()) {
    Output event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  if (finished_) return std::nullopt;
  if (auto frame = next_frame(now_)) return frame;
  return next_fragment(now_);
}

std::optional<Output> Node::next_frame(Instant now) {
  if (!screen_ || !trust_.known()) return std::nullopt;
  const auto time = screen_time(now);
  if (!time) return std::nullopt;
  const auto opened = screen_->next(*time, trust_, store_);
  if (!opened) return std::nullopt;
  return Output(output::Frame{.frame = opened->frame,
                              .present_at = now + (opened->present_at - *time),
                              .show = opened->show,
                              .late = opened->late});
}

// Straight from the store: only the hop header is rewritten for every link.
std::optional<Output> Node::next_fragment(Instant now) {
  while (const auto order = egress_.next(now)) {
    PeerLink* link = find(order->link);
    if (!link || !link->fed) continue;
    const MutableByteSpan message = store_.find(order->fragment);
    if (message.empty()) continue;  // has left the ring while it waited
    const bool repair = order->send_class == link::SendClass::kRepair;
    const FrameHeader& header = store_.frame(order->fragment.frame)->header;
    const bool lean = wire::can_be_lean(header) && has_proof(*link, order->fragment, repair);
    const LinkSequence sequence = link->sent.record(
        now, order->fragment, repair ? std::optional(order->answers) : std::nullopt, lean);
    wire::HopHeader hop{.stripe = stripe_of(order->fragment),
                        .link_sequence = static_cast<uint16_t>(sequence.value())};
    MutableByteSpan out = message;
    if (repair) {  // a trailer follows: not in the store's place
      out = MutableByteSpan(repair_).first(message.size() + kRepairTrailerSize);
      std::ranges::copy(message, out.begin());
      hop.answers = static_cast<uint16_t>(order->answers.value());
    }
    wire::write_hop_header(out, hop);
    if (lean) out = MutableByteSpan(lean_).first(wire::write_lean_fragment(lean_, out));
    link->monitor.on_sent(out.size(), now);
    if (!repair) {
      link->repairs.on_sent(out.size());
      catch_ups_.on_sent(out.size());
    }
    link->tick.on_sent(now);
    // A repair that is lost is asked for again without a word.
    if (!repair && egress_.pending_bytes(link->id) == 0 && link->monitor.loss() > kLossyLink) {
      link->early_tick = now + plan_.tail;
      link->due = std::min(link->due, link->early_tick);
    }
    counts_.bytes.media_out += header.fragment_payload();
    counts_.bytes.message_out += out.size();
    return Output(output::Transmit{link->id, output::Lane::kMedia, out});
  }
  return std::nullopt;
}

// Whether the neighbour has, or can be taken to get, enough fragments that prove the frame. One is
// enough for a repair, whose receiver has had the time to ask for the others, and where other
// parents send some as well.
bool Node::has_proof(const PeerLink& child, FragmentId fragment, bool repair) const {
  const bool one_of_many = !child.is_second() && !child.feeds.all();
  const unsigned enough = repair || one_of_many ? 1 : repair::proofs_for(child.monitor.loss());
  return child.sent.proofs_beside(fragment) >= enough;
}

std::optional<LinkId> Node::parent(StripeId stripe) const { return overlay_.tree(stripe).parent(); }

EngineStats Node::stats(Instant now) const {
  EngineStats s = counts_;
  for (const auto& link : links_) {
    if (!link->proven) continue;
    const bool neighbour = !link->is_second();
    s.peers += neighbour;
    s.parents += neighbour && link->direction == LinkDirection::kParent;
    s.children += link->is_child();
    s.repair.nak_sent += link->gaps.counts().nak_sent;
    s.repair.spurious += link->gaps.counts().spurious;
  }
  const overlay::Standing standing = overlay_.standing();
  s.hop = standing.attached ? standing.depth : 0;
  s.deepest = s.hop + overlay_.height();
  s.longest_delay = overlay_.subtree_delay();
  s.witnesses = standing.witnesses;
  s.repair.fec_recovered = store_.counts().fec_recovered;
  s.drops.too_late = egress_.counts().too_late + egress_.counts().shed + egress_.counts().overflow;
  if (screen_) {
    s.frames = screen_->counts();
    s.playout = screen_->playout_delay();
  }
  for (const auto& link : links_) {
    if (!is_parent(*link)) continue;
    s.loss = std::max(s.loss, link->feedback.loss(now));
    s.shedding = std::max(s.shedding, link->shed_level());
  }
  if (is_source()) s.loss = overlay_.subtree_loss();
  if (clock_.is_known()) s.clock_error = clock_.error(now);
  s.media_rate = media_rate_.rate(now);
  s.send_rate = rate_.node_rate();
  s.competes = rate_.competes();
  if (encoder_) s.target_rate = encoder_->target();
  return s;
}

}  // namespace swarmcast::node
