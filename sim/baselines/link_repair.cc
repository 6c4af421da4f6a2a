#include "sim/baselines/link_repair.h"

#include <algorithm>
#include <utility>

namespace swarmcast::sim {
namespace {

// How long after a NAK, beyond a round trip, the same is asked for again.
constexpr Duration kPatience = Duration::millis(20);

}  // namespace

void LinkRepair::number(NodeId to, Message& message) {
  Out& link = out_[to];
  if (link.log.empty()) link.log.resize(kLog);
  message.sequence = link.next++;
  link.log[message.sequence % kLog] = {message.sequence, message.fragment};
}

void LinkRepair::on_fragment(NodeId from, const Message& message) {
  In& link = in_[from];
  if (!message.numbered || (link.any && message.sequence < link.expected)) {
    link.missing.erase(message.sequence);
    return;
  }
  // Nothing is known of what came before the first packet.
  if (!link.any) link.expected = message.sequence;
  link.any = true;
  const Instant now = host_.now();
  const Instant give_up_at = host_.stream()[message.fragment.frame].deadline;
  const bool gap = link.expected < message.sequence;
  for (; link.expected < message.sequence; ++link.expected)
    link.missing[link.expected] = {now, give_up_at};
  ++link.expected;
  if (gap) host_.wake(self_, ask(from, link));
}

// Gives when there is something to ask again.
Instant LinkRepair::ask(NodeId from, In& link) {
  const Instant now = host_.now();
  Message nak = Message::list(Message::Kind::kNak, Cause::kFeedback, 0);
  Instant next = Instant::never();
  for (auto it = link.missing.begin(); it != link.missing.end();) {
    Missing& m = it->second;
    if (now >= m.give_up_at) {
      it = link.missing.erase(it);
      continue;
    }
    if (now >= m.ask_at) {
      nak.numbers.push_back(it->first);
      m.ask_at = now + host_.round_trip(self_, from) + kPatience;
    }
    next = std::min(next, m.ask_at);
    ++it;
  }
  nak.bytes += nak.numbers.size() * kListEntry;
  if (!nak.numbers.empty()) host_.send(self_, from, std::move(nak), Urgency::kControl);
  return next;
}

void LinkRepair::on_timer() {
  for (auto& [from, link] : in_)
    if (!link.missing.empty()) host_.wake(self_, ask(from, link));
}

void LinkRepair::on_nak(NodeId from, const Message& nak) {
  const auto link = out_.find(from);
  if (link == out_.end()) return;
  for (const uint32_t number : nak.numbers) {
    const Sent& sent = link->second.log[number % kLog];
    if (sent.sequence != number) continue;
    Message repair = fragment_message(host_.stream(), sent.fragment, Cause::kRepair);
    repair.sequence = number;
    host_.send(self_, from, std::move(repair), Urgency::kRepair,
               host_.stream()[sent.fragment.frame].deadline);
  }
}

void LinkRepair::forget(NodeId neighbour) {
  in_.erase(neighbour);
  out_.erase(neighbour);
}

}  // namespace swarmcast::sim
