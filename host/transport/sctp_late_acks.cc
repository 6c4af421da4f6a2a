#include "host/transport/sctp_late_acks.h"

#include <algorithm>
#include <utility>

namespace swarmcast::transport {
namespace {

constexpr size_t kCumulativeOffset = 4;
constexpr size_t kGapsOffset = 12;
constexpr uint8_t kWhole = SctpData::kBegin | SctpData::kEnd;

}  // namespace

void SctpLateAcks::on_received(ByteSpan packet) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type == SctpChunk::kForwardTsn) start_again();
    if (chunk->type != SctpChunk::kData) continue;
    ++chunks_;
    ++whole_;
    if ((chunk->flags & kWhole) == kWhole) continue;
    // Cut to fit what was left of the window. In slow start it is about to grow.
    whole_ = 0;
    if (was_cut_ && lag_ > 0) --lag_;
  }
}

// The timer has fired and cut the window.
void SctpLateAcks::start_again() {
  was_cut_ = true;
  lag_ = learnt_ = sacks_ = whole_ = 0;
}

void SctpLateAcks::on_sent(MutableByteSpan packet) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kSack || chunk->bytes.size() < SctpSack::kFixedSize) continue;
    return adapt(packet.first(kSctpHeaderSize), parse_sack(*chunk),
                 packet.subspan(chunk->offset, chunk->bytes.size()));
  }
}

void SctpLateAcks::adapt(ByteSpan header, const SctpSack& sack, MutableByteSpan chunk) {
  if (!cumulative_ || tsn_after(sack.cumulative, *cumulative_)) hidden_ = 0;
  cumulative_ = sack.cumulative;
  std::ranges::copy(header, last_.begin());
  std::ranges::copy(chunk.first(SctpSack::kFixedSize), last_.begin() + kSctpHeaderSize);
  if (sack.gaps == 0) learn();
  if (sack.gaps > 0 && lag_ > 0 && told_ && ++hidden_ <= kHiddenGaps)
    hide_gaps(chunk);
  else if (sack.gaps > 0)
    return tell(sack.cumulative, chunk);
  tell(sack.cumulative - lag_, chunk);
}

// What was told is not taken back.
void SctpLateAcks::tell(uint32_t cumulative, MutableByteSpan sack) {
  if (!told_ || tsn_after(cumulative, *told_)) told_ = cumulative;
  ByteWriter(sack.subspan(kCumulativeOffset, 4)).u32(*told_);
}

// Nothing in a packet can be taken out in place: gaps become duplicates of what was told before,
// which a sender counts at most (RFC 9260, 3.3.4).
void SctpLateAcks::hide_gaps(MutableByteSpan sack) const {
  ByteReader reader(ByteSpan(sack).subspan(kGapsOffset));
  const uint32_t gaps = reader.u16();
  const uint32_t duplicates = reader.u16();
  ByteWriter writer(sack.subspan(kGapsOffset));
  writer.u16(0);
  writer.u16(gaps + duplicates);
  for (uint32_t i = 0; i < gaps; ++i) writer.u32(*told_);
}

void SctpLateAcks::learn() {
  if (lag_ == 0 && most() <= learnt_ + learnt_ / kHurry) return;
  const bool calm = whole_ >= (was_cut_ ? kAvoidanceCalm : kSlowStartCalm);
  if (++sacks_ % step() == 0 && calm) ++lag_;
  const bool in_vain = sacks_ > kPatience * step();
  if (!in_vain && lag_ < most()) return;
  learnt_ = in_vain ? kReserve : lag_;
  lag_ = sacks_ = 0;
}

uint32_t SctpLateAcks::most() const {
  return average_ < kMemory ? 0 : std::min(kReserve, kLatest * average_ / kMemory);
}

std::optional<SctpLateAcks::Packet> SctpLateAcks::on_tick() {
  const uint32_t chunks = std::exchange(chunks_, 0);
  average_ += chunks - average_ / kMemory;
  if (chunks > 0) {
    silent_ = 0;
    return std::nullopt;
  }
  if (silent_ == kRepeats || average_ < kMemory || !told_) return std::nullopt;
  ++silent_;
  const MutableByteSpan sack = MutableByteSpan(last_).subspan(kSctpHeaderSize);
  ByteWriter header(sack);
  header.u8(SctpChunk::kSack);
  header.u8(0);
  header.u16(SctpSack::kFixedSize);
  ByteWriter(sack.subspan(kGapsOffset)).u32(0);  // neither gaps nor duplicates
  tell(*cumulative_, sack);
  set_sctp_checksum(last_);
  return last_;
}

}  // namespace swarmcast::transport
