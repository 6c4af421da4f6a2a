// Links whose messages go through SCTP data channels, as a browser's do.
//
// A native node keeps its association's window open whatever is lost (ARCHITECTURE.md): with it at
// one end, a link costs SCTP's bytes and nothing else. Between two browsers nobody does.
#include <cstring>

#include "sim/world/world.h"

namespace swarmcast::sim {
namespace {

// What an association holds until the window lets it out; beyond that no message is taken.
constexpr size_t kSendBuffer = 64 * 1'024;
constexpr uint32_t kMessagesAnAck = 2;

}  // namespace

// --- one browser

void World::acknowledge(End& end) {
  if (++end.unacknowledged % kMessagesAnAck != 0) return;
  network_.send(now_, end.out, kSctpAckSize);  // nothing depends on its arrival
}

// --- two browsers

void World::offer(NodeId from, End& end, ByteSpan message) {
  Sctp& sctp = *end.sctp;
  if (sctp.waiting_bytes + message.size() > kSendBuffer) return;
  sctp.waiting.emplace_back(message.begin(), message.end());
  sctp.waiting_bytes += message.size();
  send_waiting(from, end);
}

void World::send_waiting(NodeId from, End& end) {
  Sctp& sctp = *end.sctp;
  while (!sctp.waiting.empty() && sctp.sender.may_send(sctp.waiting.front().size())) {
    const std::vector<uint8_t> message = std::move(sctp.waiting.front());
    sctp.waiting.pop_front();
    sctp.waiting_bytes -= message.size();
    const uint32_t tsn = sctp.sender.on_sent(now_, message.size());
    send_packet(end,
                {.kind = PacketKind::kSctpData,
                 .overhead = kSctpOverhead,
                 .tsn = tsn,
                 .given_up_below = sctp.sender.given_up_below()},
                message);
  }
  watch_timeout(from, end);
}

// One event at a time; when it comes, the timeout may be later by then.
void World::watch_timeout(NodeId from, End& end) {
  const Instant timeout = end.sctp->sender.timeout();
  if (end.sctp->timer || timeout.is_never()) return;
  end.sctp->timer = true;
  schedule(timeout, [this, from, link = end.link] {
    End* same = find(from, link);
    if (!same || !same->sctp) return;
    same->sctp->timer = false;
    if (now_ >= same->sctp->sender.timeout()) same->sctp->sender.on_timeout(now_);
    send_waiting(from, *same);
  });
}

// True if it is a message for the engine.
bool World::take_sctp(const Packet& packet) {
  End& end = *find(packet.to, packet.link);
  Sctp& sctp = *end.sctp;
  if (packet.carrier.kind == PacketKind::kSctpAck) {
    SctpAck ack;
    std::memcpy(&ack, packet.bytes, sizeof ack);
    sctp.sender.on_ack(now_, ack);
    send_waiting(packet.to, end);
    return false;
  }
  const auto verdict = sctp.receiver.on_data(packet.carrier.tsn, packet.carrier.given_up_below);
  if (verdict.ack_now)
    send_ack(end);
  else if (sctp.receiver.owes_ack() && !sctp.ack_timer)
    send_ack_later(packet.to, end);
  return verdict.fresh;
}

void World::send_ack(End& end) {
  const SctpAck ack = end.sctp->receiver.ack();
  send_packet(end, {.kind = PacketKind::kSctpAck},
              {reinterpret_cast<const uint8_t*>(&ack), sizeof ack});
}

void World::send_ack_later(NodeId from, End& end) {
  end.sctp->ack_timer = true;
  schedule(now_ + kSctpAckDelay, [this, from, link = end.link] {
    End* same = find(from, link);
    if (!same || !same->sctp) return;
    same->sctp->ack_timer = false;
    if (same->sctp->receiver.owes_ack()) send_ack(*same);
  });
}

}  // namespace swarmcast::sim
