// Our own calls, made and received.
#include <algorithm>

#include "engine/crypto/identity.h"
#include "engine/crypto/peer_record.h"
#include "engine/node/signalling.h"

namespace swarmcast::node {

namespace action = signalling_action;

namespace {

// Links that we prepare because somebody called; those we call ourselves are named by the overlay.
// Host and engine never collide: the high bit is the engine's.
constexpr uint32_t kAnsweredBits = 0xc000'0000;

// What counts as one network: an IPv4 /24, an IPv6 /48.
Endpoint network_of(const Endpoint& e) {
  static constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool v4 = std::equal(kMapped.begin(), kMapped.end(), e.ip.begin());
  Endpoint network;
  std::copy_n(e.ip.begin(), v4 ? 15 : 6, network.ip.begin());
  return network;
}

// Nothing but the candidates may change from one revision to the next.
bool same_end(const LinkDescription& a, const LinkDescription& b) {
  return a.ufrag == b.ufrag && a.password == b.password && a.fingerprint == b.fingerprint &&
         a.native == b.native;
}

}  // namespace

Signalling::Call* Signalling::find(LinkId link) {
  const auto it = std::ranges::find(calls_, link, &Call::link);
  return it == calls_.end() ? nullptr : &*it;
}

Signalling::Call* Signalling::find(const PeerId& peer, const wire::AttemptId& attempt) {
  const auto it = std::ranges::find_if(
      calls_, [&](const Call& c) { return c.peer == peer && c.attempt == attempt; });
  return it == calls_.end() ? nullptr : &*it;
}

void Signalling::knock(const Moment& at, LinkId link, const Contact& to) {
  const bool by_address = to.peer == PeerId{};  // an entry, known by its certificate only
  const PeerId peer =
      to.record && by_address ? crypto::peer_id(crypto_, to.record->identity) : to.peer;
  const bool possible = to.record && peer != self_.id &&
                        crypto::check_record(crypto_, peer, *to.record) &&
                        routes_.next(at.now, self_.id, peer);
  if (!possible) {
    ++counts_.no_way;
    return act(action::GiveUp{link});
  }
  Call call{.link = link,
            .caller = true,
            .peer = peer,
            .identity = to.record->identity,
            .box_key = to.record->box_key,
            .attempt = keys_.take<8>(),
            .listener_certificate = by_address,
            .deadline = at.now + overlay::kKnockTimeout};
  if (by_address) call.certificate = to.fingerprint;
  calls_.push_back(call);  // as many as the overlay has attempts under way
  send_latest(at, calls_.back());
}

void Signalling::dispatch(const Moment& at, Step from, const PeerId& sender,
                          const wire::SignalText& text) {
  Call* call = find(sender, text.attempt);
  if (const auto* knock = std::get_if<wire::Knock>(&text.content)) {
    if (call && !call->caller) {  // our answer was lost
      call->inviter = from;
      return send_latest(at, *call);
    }
    if (call) return;
    return on_knock(at, from,
                    {.peer = sender,
                     .identity = knock->record.identity,
                     .box_key = knock->record.box_key,
                     .attempt = text.attempt,
                     .listener_certificate = knock->listener_certificate,
                     .inviter = from,
                     .deadline = at.now + overlay::kKnockTimeout});
  }
  if (!call) return;
  if (const auto* accepted = std::get_if<wire::Accepted>(&text.content)) {
    if (call->caller) on_accepted(*call, *accepted);
  } else if (const auto* described = std::get_if<wire::Described>(&text.content)) {
    if (call->caller ? call->accepted : call->local.has_value())
      on_described(*call, described->revision, described->description);
  } else if (call->caller && !call->accepted) {
    end(call->link);  // refused
  }
}

void Signalling::on_knock(const Moment& at, Step from, Call call) {
  // A peer that calls anew has given its earlier call up.
  std::vector<LinkId> earlier;
  for (const Call& c : calls_)
    if (!c.caller && c.peer == call.peer) earlier.push_back(c.link);
  for (LinkId link : earlier) end(link);
  switch (judge(at, from)) {
    case Verdict::kSilence:
      ++counts_.over_limit;
      return;
    case Verdict::kNoPlace:
      return send(at, call, wire::Refused{wire::Refused::Reason::kNoPlace});
    case Verdict::kBusy:
      return send(at, call, wire::Refused{wire::Refused::Reason::kBusy});
    case Verdict::kYes:
      break;
  }
  call.link = LinkId(kAnsweredBits | ++answered_);
  call.accepted = true;
  calls_.push_back(call);
  ++counts_.accepted;
  act(action::Prepare{call.link, call.peer, false, call.listener_certificate});
}

Signalling::Verdict Signalling::judge(const Moment& at, Step inviter) {
  Source& from = source(inviter);
  if (!accepted_.has(at.now) || !from.accepted.has(at.now)) return Verdict::kSilence;
  accepted_.take(at.now);
  from.accepted.take(at.now);
  const auto waiting = std::ranges::count(calls_, false, &Call::caller);
  const auto invited = std::ranges::count_if(
      calls_, [&](const Call& c) { return !c.caller && c.inviter == inviter; });
  if (static_cast<size_t>(waiting) >= overlay::kMaxPendingCallers ||
      static_cast<size_t>(invited) >= overlay::kMaxPendingPerInviter)
    return Verdict::kBusy;
  return at.room_for_link ? Verdict::kYes : Verdict::kNoPlace;
}

void Signalling::on_accepted(Call& call, const wire::Accepted& accepted) {
  if (!is_news(call, accepted.revision, accepted.description)) return;
  if (!call.accepted) {
    call.accepted = true;
    call.sent = 0;
    call.repeat_at = Instant::never();
    act(action::Prepare{call.link, call.peer, true, false});
  }
  on_described(call, accepted.revision, accepted.description);
}

bool Signalling::is_news(const Call& call, uint8_t revision, const LinkDescription& description) {
  if (call.certificate && *call.certificate != description.fingerprint) {
    ++counts_.forged;  // somebody speaks for our entry
    return false;
  }
  return !call.remote || (revision > call.remote_revision && same_end(*call.remote, description));
}

void Signalling::on_described(Call& call, uint8_t revision, const LinkDescription& description) {
  if (!is_news(call, revision, description)) return;
  call.remote = description;
  call.remote_revision = revision;
  act(action::Describe{call.link, description});
}

void Signalling::on_local_description(const Moment& at, LinkId link,
                                      const LinkDescription& description) {
  Call* call = find(link);
  if (!call || !description.complete() || call->local == description) return;
  if (call->local) ++call->local_revision;
  call->local = description;
  call->sent = 0;
  send_latest(at, *call);
}

// What the other side has to be told now: again, if it may not have heard.
void Signalling::send_latest(const Moment& at, Call& call) {
  ++call.sent;
  const bool again = call.caller && call.sent < overlay::kSignalTries;
  call.repeat_at = again ? at.now + overlay::kSignalRepeat : Instant::never();
  if (call.caller && !call.accepted)
    return send(at, call, wire::Knock{call.listener_certificate, record_});
  if (!call.local) return;
  if (call.caller) return send(at, call, wire::Described{call.local_revision, *call.local});
  send(at, call, wire::Accepted{call.local_revision, *call.local});
}

void Signalling::send(const Moment& at, const Call& call,
                      decltype(wire::SignalText::content) content) {
  const auto next =
      call.caller ? routes_.next(at.now, self_.id, call.peer) : std::optional(call.inviter);
  if (!next) {
    ++counts_.no_way;
    return;
  }
  const bool known = at.stream && at.stream->us() >= 0;
  const wire::SignalText text{.attempt = call.attempt,
                              .sent = known ? at.stream : std::nullopt,
                              .content = std::move(content)};
  Bytes<32> ephemeral = keys_.take<32>();
  const auto signal = crypto::seal_signal(crypto_, self_, call.peer, call.box_key, ephemeral, text);
  crypto_.wipe(ephemeral);
  ++counts_.sent;
  act(action::Send{*next, {signal.begin(), signal.end()}});
}

bool Signalling::on_link_up(LinkId link, const Endpoint& remote, const Fingerprint& certificate) {
  Call* call = find(link);
  if (!call) return true;
  if (!call->remote || call->remote->fingerprint != certificate) {
    ++counts_.forged;
    return false;
  }
  const bool caller = call->caller;
  std::erase_if(calls_, [&](const Call& c) { return c.link == link; });
  if (caller) return true;
  const Endpoint network = network_of(remote);
  const auto there = std::ranges::count(guests_, network, &Guest::network);
  if (static_cast<size_t>(there) >= overlay::kMaxCallersPerNetwork) {
    ++counts_.over_limit;
    return false;
  }
  guests_.push_back({link, network});
  return true;
}

void Signalling::end(LinkId link) {
  std::erase_if(calls_, [&](const Call& c) { return c.link == link; });
  act(action::GiveUp{link});
}

}  // namespace swarmcast::node
