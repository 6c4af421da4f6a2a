#include "host/transport/sctp_receiver_shim.h"

#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {

void SctpReceiverShim::on_sent(ByteSpan packet) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kSack || chunk->bytes.size() < SctpSack::kFixedSize) continue;
    const SctpSack sack = parse_sack(*chunk);
    if (!running_ && user_message_ && sack.gaps == 0) {
      running_ = true;
      cumulative_ = highest_ = sack.cumulative;
    } else if (running_ && tsn_after(sack.cumulative, cumulative_)) {
      move_to(sack.cumulative);  // by a FORWARD-TSN of the peer's own
      advance();
    }
  }
}

std::optional<uint32_t> SctpReceiverShim::on_received(ByteSpan packet) {
  if (!running_ || !enabled_) return std::nullopt;
  SctpChunks chunks(packet);
  bool any = false;
  bool ordered = false;
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kData) continue;
    const SctpData data = parse_data(*chunk);
    ordered = ordered || (!data.unordered && tsn_after(data.tsn, cumulative_ + 1));
    note(data.tsn, data.begins);
    any = true;
  }
  if (!any) return std::nullopt;
  advance();
  if (ordered) return std::nullopt;  // so may be what is missing: it must not be skipped
  return skip();
}

void SctpReceiverShim::note(uint32_t tsn, bool begins) {
  if (!tsn_after(tsn, cumulative_) || tsn - cumulative_ >= kWindow) return;
  const size_t slot = tsn % kWindow;
  if (!arrived_[slot]) ++above_;
  arrived_[slot] = true;
  begins_[slot] = begins;
  if (tsn_after(tsn, highest_)) highest_ = tsn;
}

// Over what has arrived without a gap.
void SctpReceiverShim::advance() {
  while (above_ > 0 && arrived_[(cumulative_ + 1) % kWindow]) move_to(cumulative_ + 1);
}

void SctpReceiverShim::move_to(uint32_t cumulative) {
  if (cumulative - cumulative_ >= kWindow) {
    arrived_.reset();
    above_ = 0;
    cumulative_ = cumulative;
  }
  while (cumulative_ != cumulative) {
    const size_t slot = ++cumulative_ % kWindow;
    if (arrived_[slot]) --above_;
    arrived_[slot] = false;
  }
  if (tsn_after(cumulative_, highest_)) highest_ = cumulative_;
}

// Closes gaps from the lowest one, each up to the next chunk that begins a message: the stack would
// abort the association over the rest of a message whose beginning it has been told to forget.
std::optional<uint32_t> SctpReceiverShim::skip() {
  std::optional<uint32_t> forward;
  while (above_ >= kChunksAboveGap) {
    uint32_t next = cumulative_ + 2;
    while (next != highest_ + 1 && !(arrived_[next % kWindow] && begins_[next % kWindow])) ++next;
    if (next == highest_ + 1) break;
    move_to(next - 1);
    forward = cumulative_;
    advance();
  }
  return forward;
}

}  // namespace swarmcast::transport
