#include "host/transport/sctp_sender_shim.h"

#include <algorithm>
#include <cstring>

#include "host/transport/dcep.h"

namespace swarmcast::transport {
namespace {

constexpr size_t kSackWindowOffset = 8;
constexpr size_t kSackGapsOffset = 12;

// Gaps and what lies between them, as a SACK should show it: ascending, apart, not empty.
bool is_ordered(const SctpSack& sack) {
  uint32_t before = 0;
  for (size_t i = 0; i < sack.gaps; ++i) {
    const SctpSack::Gap gap = sack.gap(i);
    if (gap.start <= before + 1 || gap.end < gap.start) return false;
    before = gap.end;
  }
  return true;
}

}  // namespace

void SctpSenderShim::on_sent(ByteSpan packet) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kData || chunk->bytes.size() < SctpData::kHeaderSize) continue;
    const SctpData data = parse_data(*chunk);
    if (!established_) told_ = acknowledged_ = data.tsn - 1;
    if (!established_ || tsn_after(data.tsn, highest_sent_)) highest_sent_ = data.tsn;
    established_ = true;
    std::ranges::copy(packet.first(kSctpHeaderSize), forward_.begin());
    if (data.ppid == kDcepPpid) must_arrive_ = data.tsn;
  }
}

bool SctpSenderShim::on_received(MutableByteSpan& packet) {
  due_ = false;
  bool changed = false;
  if (ByteReader(packet.subspan(kSctpTagOffset)).u32() != 0) {  // an INIT has none
    std::ranges::copy(packet.first(kSctpHeaderSize), own_sack_.begin());
  }
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kSack) continue;
    note_sack(*chunk);
    changed = hide_gaps(packet, *chunk);
    break;  // one a packet; a second would only be older
  }
  return changed;
}

void SctpSenderShim::note_sack(const SctpChunk& chunk) {
  window_ = ByteReader(chunk.bytes.subspan(kSackWindowOffset)).u32();
  const SctpSack sack = parse_sack(chunk);
  const uint32_t highest = sack.cumulative + (sack.gaps > 0 ? sack.gap(sack.gaps - 1u).end : 0u);
  // The last one repeated tells nothing new, nor does one of what was never sent.
  if (!tsn_after(highest, told_) || tsn_after(highest, highest_sent_)) return;
  told_ = highest;
  if (tsn_after(told_, acknowledged_)) acknowledged_ = told_;
  silent_ = 0;
}

bool SctpSenderShim::hide_gaps(MutableByteSpan& packet, const SctpChunk& chunk) {
  const SctpSack sack = parse_sack(chunk);
  if (must_arrive_ && !tsn_after(*must_arrive_, sack.cumulative)) must_arrive_.reset();
  if (sack.gaps == 0 || !established_ || must_arrive_ || !is_ordered(sack)) return false;
  const uint32_t highest = sack.cumulative + sack.gap(sack.gaps - 1u).end;
  if (tsn_after(highest, highest_sent_)) return false;  // not of this world: for the stack to judge

  uint32_t above = 0;
  for (size_t i = sack.gaps; i-- > 0 && above < kChunksAboveGap;) {
    const SctpSack::Gap gap = sack.gap(i);
    above += gap.end - gap.start + 1u;
    if (above >= kChunksAboveGap) give_up(sack.cumulative + gap.end);
  }
  const size_t tail = chunk.offset + chunk.bytes.size();
  ByteWriter writer(packet.subspan(chunk.offset, SctpSack::kFixedSize));
  writer.u8(SctpChunk::kSack);
  writer.u8(chunk.flags);
  writer.u16(SctpSack::kFixedSize);
  writer.u32(highest);
  std::memset(packet.data() + chunk.offset + kSackGapsOffset, 0, 4);  // no gaps, no duplicates
  const size_t rest = packet.size() - tail;
  std::memmove(packet.data() + chunk.offset + SctpSack::kFixedSize, packet.data() + tail, rest);
  packet = packet.first(chunk.offset + SctpSack::kFixedSize + rest);
  return true;
}

void SctpSenderShim::give_up(uint32_t cumulative) {
  const bool news = !given_up_ || tsn_after(cumulative, *given_up_);
  if (!news && ++repeats_ < kSacksBeforeRepeat) return;
  if (news) given_up_ = cumulative;
  repeats_ = 0;
  due_ = true;
}

std::optional<ByteSpan> SctpSenderShim::forward_tsn() {
  if (!due_) return std::nullopt;
  due_ = false;
  ByteWriter writer(MutableByteSpan(forward_).subspan(kSctpHeaderSize));
  write_forward_tsn(writer, *given_up_);
  set_sctp_checksum(forward_);
  return forward_;
}

std::optional<SctpSenderShim::Sack> SctpSenderShim::on_tick() {
  if (!established_ || must_arrive_ || acknowledged_ == highest_sent_) {
    silent_ = 0;
    return std::nullopt;
  }
  if (++silent_ < kSilentTicks) return std::nullopt;
  acknowledged_ = highest_sent_;
  ByteWriter writer(MutableByteSpan(own_sack_).subspan(kSctpHeaderSize));
  writer.u8(SctpChunk::kSack);
  writer.u8(0);
  writer.u16(SctpSack::kFixedSize);
  writer.u32(acknowledged_);
  writer.u32(window_);
  writer.u32(0);  // neither gaps nor duplicates
  set_sctp_checksum(own_sack_);
  return own_sack_;
}

}  // namespace swarmcast::transport
