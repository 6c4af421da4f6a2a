// Links come up, prove themselves, measure themselves, and go.
#include <algorithm>

#include "engine/node/node.h"
#include "engine/wire/envelope.h"
#include "engine/wire/fragment.h"
#include "engine/wire/nak.h"
#include "engine/wire/ping.h"
#include "engine/wire/tick.h"

namespace swarmcast::node {

namespace {

// The first round trips are measured closely: the clock of the stream hangs on them.
constexpr int kFastPings = 5;
constexpr Duration kFastPing = Duration::millis(60);
// From this share of losses on, NAKs are repeated.
constexpr double kLossyLink = 0.02;
constexpr Duration kSlowPing = Duration::seconds(1);
// A known child's new link says by then what it is for.
constexpr Duration kDecisionTime = Duration::seconds(2);

uint32_t low_32(Instant t) { return static_cast<uint32_t>(t.us()); }

}  // namespace

PeerLink* Node::find(LinkId id) {
  const auto it = std::ranges::find_if(links_, [&](const auto& l) { return l->id == id; });
  return it == links_.end() ? nullptr : it->get();
}

PeerLink& Node::add_link(Instant now, LinkId id) {
  links_.push_back(std::make_unique<PeerLink>(id, now));
  return *links_.back();
}

void Node::remove_link(LinkId id) {
  if (PeerLink* link = find(id)) stop_feeding(*link);
  for (const auto& l : links_)
    if (l->path.first == id) l->closing = true;
  signalling_.on_link_gone(id);
  if (const PeerLink* link = find(id)) {  // counters never go back
    counts_.repair.nak_sent += link->gaps.counts().nak_sent;
    counts_.repair.spurious += link->gaps.counts().spurious;
  }
  std::erase_if(links_, [&](const auto& l) { return l->id == id; });
}

// Closed when the current input has been dealt with: callers still hold the reference.
void Node::drop_link(Instant, PeerLink& link) {
  if (PeerLink* other = other_path(link)) other->closing = true;
  link.closing = true;
}

void Node::drop_forger(Instant now, PeerLink& link) {
  overlay_.on_forger(now, link.neighbour());
  drop_link(now, link);
}

void Node::on(Instant now, const input::LinkUp& in) {
  PeerLink* link = find(in.link);
  if (!link && (in.ours || links_.size() >= kMaxLinks || ending_)) {
    ++counts_.drops.over_limit;
    emit(output::CloseLink{in.link});
    return;
  }
  if (!link) {
    link = &add_link(now, in.link);
    link->remote = in.remote;
  }
  if (link->signalled) {
    link->remote = in.remote;
    if (!signalling_.on_link_up(in.link, in.remote, in.remote_fingerprint))
      return drop_link(now, *link);
  }
  const auto role = in.ours ? crypto::LinkRole::kInitiator : crypto::LinkRole::kResponder;
  link->handshake.emplace(crypto_, Handshake::Identity{identity_, options_.secret}, keys_, role,
                          in.local_fingerprint, in.remote_fingerprint, link->expected, now);
  link->dirty = true;
}

void Node::on(Instant now, const input::LinkDown& in) {
  PeerLink* link = find(in.link);
  if (!link) return;
  if (link->proven) tell_link_changed(*link, output::LinkState::kDown);
  const bool settled = path_ended(now, *link);
  remove_link(in.link);
  if (!settled) overlay_.on_link_down(now, in.link);
}

void Node::tell_link_changed(const PeerLink& link, output::LinkState state) {
  emit(output::LinkChanged{.link = link.id,
                           .peer = link.peer,
                           .remote = link.remote,
                           .direction = link.direction,
                           .state = state,
                           .rtt = link.rtt.smoothed()});
}

void Node::on(Instant now, const input::Datagram& in) {
  PeerLink* link = find(in.link);
  counts_.bytes.message_in += in.message.size();
  if (!link || link->closing || in.message.empty() || in.message.size() > kMaxMessageSize) {
    ++counts_.drops.unexpected;
    return;
  }
  const uint8_t type = in.message[0];
  if (type >= wire::kHello1Type && type <= wire::kHelloRefusedType)
    return on_hello(now, *link, in.message);
  if (!link->proven) {  // nothing but a HELLO is parsed before the proof
    ++counts_.drops.unexpected;
    return;
  }
  link->arrived = std::min(in.arrived, now);
  link->liveness.on_received(now);
  if (link->stalled) end_stall(now, *link);
  if (link->silent) on_path_speaks(now, *link);
  switch (type) {
    case wire::kFragmentType:
      return on_fragment(now, *link, in.message);
    case wire::kEnvelopeType:
      link->dirty = true;
      return on_envelope(now, *link, in.message);
    case wire::kNakType:
      return on_nak(now, *link, in.message);
    case wire::kSettledType:
      return on_settled(*link, in.message);
    case wire::kFeedbackType:
      return on_feedback(now, *link, in.message);
    case wire::kPingType:
      return on_ping(now, *link, in.message);
    case wire::kPongType:
      return on_pong(now, *link, in.message);
    case wire::kTickType:
      if (const auto tick = wire::parse_tick(in.message)) {
        // By the number that comes next: before the first message there is no last one.
        const uint64_t next = unwrap_sequence(static_cast<uint16_t>(tick->last_sequence + 1),
                                              link->gaps.expected().value());
        if (next > 0) link->gaps.on_tick(now, LinkSequence(next - 1));
        link->dirty = true;
        return;
      }
      [[fallthrough]];
    default:
      ++counts_.drops.malformed;
  }
}

void Node::on_hello(Instant now, PeerLink& link, ByteSpan message) {
  if (!link.handshake) {
    ++counts_.drops.unexpected;
    return;
  }
  link.handshake->on_message(now, message);
  link.dirty = true;
  check_handshake(now, link);
}

void Node::check_handshake(Instant now, PeerLink& link) {
  if (!link.handshake || link.proven || link.closing) return;
  switch (link.handshake->state()) {
    case Handshake::State::kInProgress:
      return;
    case Handshake::State::kProven:
      return on_proven(now, link);
    default:
      return on_handshake_failed(now, link);
  }
}

void Node::on_proven(Instant now, PeerLink& link) {
  link.proven = true;
  link.peer = link.handshake->remote_id();
  link.ping_at = now;
  link.liveness = link::LivenessDetector(now);
  if (link.is_second()) return say(link, wire::body::Path{});
  if (!link.ours) {
    link.handshake->on_confirmed();
    if (trust_.known()) {
      say(link, trust_.welcome_for(link.remote));
      for (const auto& key : trust_.epoch_keys()) say(link, key);
    }
  }
  say(link, wire::body::Record{signalling_.record()});
  if (may_be_path(link))
    link.path.undecided_until = now + kDecisionTime;
  else
    join_overlay(now, link);
}

void Node::join_overlay(Instant now, PeerLink& link) {
  signalling_.on_neighbour(link.peer, link.id);
  const bool room = overlay_.on_link_ready(now, link.id, link.peer, link.remote, link.ours,
                                           link.dialled_fingerprint, link.signalled);
  if (!room) drop_link(now, link);
}

void Node::on_handshake_failed(Instant now, PeerLink& link) {
  while (const auto last = link.handshake->poll(now)) send(now, link, *last);
  ++counts_.drops.unexpected;
  const bool at_entry = link.ours && !trust_.known() && !link.expected;
  drop_link(now, link);
  if (!at_entry) return;
  using State = Handshake::State;
  if (link.handshake->state() == State::kWrongSecret) end(now, output::EndReason::kWrongSecret);
  if (link.handshake->state() == State::kWrongVersion)
    end(now, output::EndReason::kVersionMismatch);
}

void Node::on_ping(Instant now, PeerLink& link, ByteSpan message) {
  const auto ping = wire::parse_ping(message);
  if (!ping) {
    ++counts_.drops.malformed;
    return;
  }
  wire::Pong pong{.id = ping->id, .sent_us = ping->sent_us};
  pong.hold_us =
      static_cast<uint16_t>(std::clamp<int64_t>((now - link.arrived).us(), 0, UINT16_MAX));
  const auto time = stream_time(now);
  if (time && time->us() >= 0)
    pong.clock = wire::ClockReading{*time, is_source() ? Duration() : clock_.error(now)};
  Bytes<wire::kPongSize> bytes;
  send(now, link, ByteSpan(bytes).first(wire::write_pong(bytes, pong)));
}

void Node::on_pong(Instant now, PeerLink& link, ByteSpan message) {
  const auto pong = wire::parse_pong(message);
  if (!pong) {
    ++counts_.drops.malformed;
    return;
  }
  const Instant arrived = link.arrived;
  const Duration elapsed = Duration::micros(static_cast<int64_t>(low_32(arrived) - pong->sent_us));
  const Duration rtt = elapsed - Duration::micros(pong->hold_us);
  if (rtt.us() < 0 || rtt > Duration::seconds(10)) {
    ++counts_.drops.replayed;
    return;
  }
  const bool first = !link.rtt.has_sample();
  link.rtt.on_sample(rtt, now);
  link.control.set_retransmit_timeout(link.rtt.retransmit_timeout());
  if (link.fed) {
    egress_.set_one_way_delay(link.id, link.rtt.smoothed() / 2);
  }
  const bool from_parent = overlay_.any_parent() ? overlay_.is_parent(link.id) : link.ours;
  if (pong->clock && from_parent && !is_source()) {
    const bool knew = clock_.is_known();
    clock_.on_sample(arrived - elapsed, arrived, Duration::micros(pong->hold_us), pong->clock->now,
                     pong->clock->error);
    if (!knew && screen_) {
      for (const repair::FrameState& f : store_.frames_from(kVideoTrack, FrameNumber(0)))
        screen_->on_fragment(f, *screen_time(now));
    }
  }
  if (first) tell_link_changed(link);
}

void Node::send(Instant now, PeerLink& link, ByteSpan message) {
  if (!outbox_.push(link.id, output::Lane::kControl, message)) return;
  if (link.fed) egress_.account(link.id, message.size(), now);
  link.tick.on_sent(now);
}

// Both ends ping every second: who is not heard for longer is gone.
void Node::drop_dead_links(Instant now) {
  for (const auto& link : links_)
    if (link->proven && link->liveness.state(now) == link::Liveness::kDead) link->closing = true;
}

// Everything a link has to say or do now, and when it wants to be served again.
void Node::serve(Instant now, PeerLink& link) {
  link.dirty = false;
  if (link.handshake) {
    link.handshake->on_timeout(now);
    check_handshake(now, link);
    while (const auto message = link.handshake->poll(now)) send(now, link, *message);
    link.due = link.handshake->next_timeout();
  }
  if (!link.proven || link.closing) return;
  if (link.ping_at <= now) {
    const wire::Ping ping{.id = static_cast<uint16_t>(link.pings), .sent_us = low_32(now)};
    Bytes<wire::kPingSize> bytes;
    send(now, link, ByteSpan(bytes).first(wire::write_ping(bytes, ping)));
    link.ping_at = now + (++link.pings < kFastPings ? kFastPing : kSlowPing);
  }
  if (link.fed && (link.tick.is_due(now) || link.early_tick <= now)) {
    link.early_tick = Instant::never();
    const wire::Tick tick{static_cast<uint16_t>(link.sent.next().value() - 1)};
    Bytes<wire::kTickSize> bytes;
    send(now, link, ByteSpan(bytes).first(wire::write_tick(bytes, tick)));
  }
  serve_child_side(now, link);
  serve_control(now, link);
  link.due =
      std::min({link.due, link.ping_at, link.control.next_timeout(), link.feedback.next_timeout()});
  if (may_ask(link)) link.due = std::min(link.due, link.gaps.next_timeout());
  if (link.fed) {
    watch_stall(now, link);
    link.due = std::min({link.due, link.tick.next_timeout(), link.early_tick});
  }
  if (is_parent(link) && !link.silent)
    link.due = std::min(link.due, link.liveness.next_timeout(now));
}

void Node::serve_control(Instant now, PeerLink& link) {
  Bytes<kMaxMessageSize> bytes;
  while (const size_t size = link.control.poll(bytes, now))
    send(now, link, ByteSpan(bytes).first(size));
}

// Before the source is known nothing can be used, before a round trip is, no answer awaited.
bool Node::may_ask(const PeerLink& link) const { return verifier_ && link.rtt.has_sample(); }

// What a child owes its parent: NAKs, feedback, and an eye on its silence.
void Node::serve_child_side(Instant now, PeerLink& link) {
  const repair::NakRequest request =
      !may_ask(link) || link.gaps.next_timeout() > now
          ? repair::NakRequest{}
          : link.gaps.due(now, {.hungry_from = link.gaps.has_gaps() ? hungry_from(now) : now,
                                .srtt = link.rtt.smoothed(),
                                .rttvar = link.rtt.variation(),
                                .lossy = link.feedback.loss(now) > kLossyLink,
                                .in_order = overlay_.is_from_source(link.neighbour()),
                                .judged = sender_knows_deadline(),
                                .gather = plan_.gather});
  for (const repair::NakList* list : {&request.late, &request.urgent, &request.normal}) {
    if (list->empty()) continue;
    wire::Nak nak{.urgent = list == &request.urgent, .base_only = list == &request.late};
    for (const repair::SequenceSpan& span : list->spans())
      nak.ranges.add(
          {static_cast<uint16_t>(span.first.value()), static_cast<uint16_t>(span.count)});
    Bytes<wire::kMaxNakSize> bytes;
    const size_t size = wire::write_nak(bytes, nak);
    send(now, link, ByteSpan(bytes).first(size));
  }
  if (link.feedback.is_due(now)) {
    Bytes<wire::kFeedbackSize> bytes;
    send(now, link, ByteSpan(bytes).first(wire::write_feedback(bytes, link.feedback.take(now))));
  }
  if (is_parent(link) && !link.silent && link.liveness.state(now) != link::Liveness::kAlive) {
    link.silent = true;
    on_path_silent(now, link);
  }
}

}  // namespace swarmcast::node
