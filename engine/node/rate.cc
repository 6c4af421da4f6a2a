// How fast we send, what is left out where that is too fast, and what the encoder should aim at.
#include <algorithm>

#include "engine/node/node.h"
#include "engine/wire/feedback.h"

namespace swarmcast::node {

void Node::on_feedback(Instant now, PeerLink& link, ByteSpan message) {
  const auto feedback = wire::parse_feedback(message);
  if (!feedback) {
    ++counts_.drops.malformed;
    return;
  }
  const auto report = link.fed ? link.monitor.on_feedback(*feedback, link.arrived) : std::nullopt;
  if (!report) return;
  if (report->rtt) link.rtt.on_sample(*report->rtt, now);
  rate_.on_report(link.id, *report, link.monitor.loss(), link.rtt.smoothed(), now);
  egress_.set_rate(rate_.node_rate());
  egress_.set_link_rate(link.id, rate_.link_rate(link.id));
  tell_shedding(now, link);
  update_encoder(now);
}

// A child hears of our own shedding, or of what we do not get ourselves, whichever is more.
void Node::tell_shedding(Instant now, PeerLink& child) {
  if (!child.is_child()) return;
  const auto own = static_cast<uint8_t>(egress_.shedding(child.id, now));
  bool picture_again = false;
  for (uint8_t i = 0; i < kStripes; ++i) {
    const StripeId stripe(i);
    if (!child.feeds.test(stripe)) continue;
    wire::body::Shedding level{.stripe = stripe, .level = own, .here = own > 0};
    const auto parent = overlay_.tree(stripe).parent();
    const PeerLink* above = parent ? find(*parent) : nullptr;
    if (above && above->shed[i].level > own)
      level = {.stripe = stripe, .level = above->shed[i].level};
    wire::body::Shedding& told = child.told[i];
    if (level.level == told.level && level.here == told.here) continue;
    picture_again |= told.level == wire::body::Shedding::kMaxLevel;
    told = level;
    say(child, level);
  }
  if (picture_again) on_key_request(now);
}

void Node::on_shedding(Instant now, PeerLink& parent, const wire::body::Shedding& told) {
  parent.shed[told.stripe.value()] = told;
  overlay_.on_parent_sheds(now, parent.id, told.stripe, told.level > 0, told.here);
  for (const auto& link : links_) tell_shedding(now, *link);
}

// Over all ways to it that are not stalled; zero if all are.
DataRate Node::sustained_rate_to(const PeerLink& child) {
  int64_t bps = 0;
  for (const PeerLink* way : {&child, static_cast<const PeerLink*>(other_path(child))})
    if (way && way->fed && !way->stalled) bps += rate_.sustained_link_rate(way->id).bps();
  return DataRate::bps(bps);
}

void Node::update_encoder(Instant now) {
  if (!encoder_) return;
  std::vector<ChildRoom> children;
  bool any_fed = false, any_shed = false;
  for (const auto& link : links_) {
    any_fed |= link->fed;
    any_shed |= link->told_level() > 0;
    if (!link->is_child()) continue;
    const DataRate rate = sustained_rate_to(*link);
    if (rate == DataRate()) continue;
    const auto report = overlay_.report_of(link->id);
    const uint32_t below = report ? report->witnesses : 0;
    const double share = static_cast<double>(link->feeds.count()) / kStripes;
    children.push_back({rate, std::max(below, 1u), share});
  }
  if (any_fed && children.empty()) return;  // an outage says nothing of the rate after it
  std::optional<DataRate> room;
  if (!children.empty()) {
    encoder_->on_traffic(now, counts_.bytes.media_in, sound_published_, egress_.offered_bytes(),
                         streams_of(children));
    room = stream_room(rate_.sustained_node_rate(), std::move(children));
  }
  // What we shed ourselves the room says already.
  const double shed_below = any_shed ? 0 : overlay_.subtree_shed();
  if (const auto hint = encoder_->update(now, room, shed_below)) emit(*hint);
}

}  // namespace swarmcast::node
