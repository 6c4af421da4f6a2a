#include "host/transport/sctp_late_acks.h"

#include <algorithm>
#include <utility>

namespace swarmcast::transport {
namespace {

constexpr size_t kCumulativeOffset = 4;
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
    if (was_cut_ && reached_ > 0) --reached_;
  }
}

// The timer has fired and cut the window.
void SctpLateAcks::start_again() {
  was_cut_ = true;
  reached_ = sacks_ = whole_ = 0;
}

void SctpLateAcks::on_sent(MutableByteSpan packet) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kSack || chunk->bytes.size() < SctpSack::kFixedSize) continue;
    const SctpSack sack = parse_sack(*chunk);
    if (sack.gaps > 0) return;
    std::ranges::copy(packet.first(kSctpHeaderSize), last_.begin());
    std::ranges::copy(chunk->bytes.first(SctpSack::kFixedSize), last_.begin() + kSctpHeaderSize);
    learn();
    const uint32_t late = sack.cumulative - (reached_ < most() ? reached_ : 0);
    if (!told_ || tsn_after(late, *told_)) told_ = late;
    ByteWriter(packet.subspan(chunk->offset + kCumulativeOffset, 4)).u32(*told_);
    return;
  }
}

void SctpLateAcks::learn() {
  if (reached_ >= most()) return;
  if (++sacks_ > kPatience * step()) reached_ = kReserve;
  if (whole_ < (was_cut_ ? kAvoidanceCalm : kSlowStartCalm)) return;
  if (sacks_ % step() == 0) ++reached_;
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
  ByteReader reader(ByteSpan(last_).subspan(kSctpHeaderSize + kCumulativeOffset));
  told_ = reader.u32();
  set_sctp_checksum(last_);
  return last_;
}

}  // namespace swarmcast::transport
