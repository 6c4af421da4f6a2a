#include "engine/wire/fragment.h"

#include "engine/base/byte_io.h"

namespace swarmcast::wire {
namespace {

constexpr uint8_t kKeyBit = 0x01;
constexpr int kTemporalShift = 1;
constexpr uint8_t kTemporalMask = 0x03;
constexpr uint8_t kReservedBit = 0x08;
constexpr int kIndexInChunkShift = 4;

static_assert(1 + 1 + 1 + 1 + 4 + 5 + 3 + 1 + 1 == kFrameHeaderSize);

std::optional<FrameHeader> read_frame_header(ByteReader& in) {
  FrameHeader h;
  h.id.track = TrackId(in.u8());
  const uint8_t flags = in.u8();
  h.key = flags & kKeyBit;
  h.temporal_id = (flags >> kTemporalShift) & kTemporalMask;
  h.index_in_chunk = flags >> kIndexInChunkShift;
  h.depends_on = in.u8();
  h.epoch = in.u8();
  h.id.number = FrameNumber(in.u32());
  h.capture = StreamTime::from_us(static_cast<int64_t>(in.u40()));
  h.sealed_size = in.u24();
  h.k = in.u8();
  h.r = in.u8();
  const uint32_t number = h.id.number.value();
  const bool valid = in.ok() && !(flags & kReservedBit) && h.id.track.value() < kMaxTracks &&
                     h.key == (h.depends_on == 0) && h.depends_on <= number &&
                     h.index_in_chunk <= number && h.sealed_size > kAeadTagSize &&
                     h.sealed_size <= kMaxSealedFrameSize && h.k >= 1 &&
                     h.k <= kMaxSourceFragments && size_t{h.k} + h.r <= kMaxFragmentsPerFrame;
  if (!valid || (h.k - 1) * h.fragment_payload() >= h.sealed_size) return std::nullopt;
  return h;
}

}  // namespace

Bytes<kFrameHeaderSize> encode_frame_header(const FrameHeader& h) {
  Bytes<kFrameHeaderSize> bytes{};
  ByteWriter out(bytes);
  out.u8(h.id.track.value());
  out.u8((h.key ? kKeyBit : 0) | h.temporal_id << kTemporalShift |
         h.index_in_chunk << kIndexInChunkShift);
  out.u8(h.depends_on);
  out.u8(h.epoch);
  out.u32(h.id.number.value());
  out.u40(static_cast<uint64_t>(h.capture.us()));
  out.u24(h.sealed_size);
  out.u8(h.k);
  out.u8(h.r);
  return bytes;
}

std::optional<FragmentView> parse_fragment(ByteSpan message) {
  if (message.size() > kMaxMessageSize) return std::nullopt;
  ByteReader in(message);
  if (in.u8() != kFragmentType) return std::nullopt;
  in.bytes(kHopHeaderSize - 1);
  const auto header = read_frame_header(in);
  if (!header) return std::nullopt;
  FragmentView view{.header = *header, .index = in.u8(), .message = message};
  view.signature = in.bytes(kSignatureSize);
  view.path = in.bytes(merkle_depth(header->total()) * kMerkleNodeSize);
  view.payload = in.bytes(header->fragment_payload());
  const size_t trailer = message[1] & kHopRepairFlag ? kRepairTrailerSize : 0;
  if (!in.ok() || view.index >= header->total() || in.rest().size() != trailer) return std::nullopt;
  view.message = message.first(message.size() - trailer);
  if (view.message.size() > kMaxFragmentMessageSize) return std::nullopt;
  return view;
}

HopHeader parse_hop_header(ByteSpan message) {
  ByteReader in(message);
  in.u8();
  const uint8_t flags = in.u8();
  HopHeader hop{.stripe = StripeId(flags & kHopStripeMask), .link_sequence = in.u16()};
  if (flags & kHopRepairFlag) hop.answers = ByteReader(message.last(kRepairTrailerSize)).u16();
  return hop;
}

void write_hop_header(MutableByteSpan message, const HopHeader& hop) {
  ByteWriter out(message);
  out.u8(kFragmentType);
  out.u8((hop.answers ? kHopRepairFlag : 0) | (hop.stripe.value() & kHopStripeMask));
  out.u16(hop.link_sequence);
  if (hop.answers) ByteWriter(message.last(kRepairTrailerSize)).u16(*hop.answers);
}

void write_fragment(MutableByteSpan message, const FrameHeader& header, uint8_t index,
                    const Signature& signature, ByteSpan path, ByteSpan payload) {
  SWARMCAST_CHECK(message.size() == fragment_message_size(header));
  write_hop_header(message, {});
  ByteWriter out(message.subspan(kHopHeaderSize));
  out.bytes(encode_frame_header(header));
  out.u8(index);
  out.bytes(signature);
  out.bytes(path);
  out.bytes(payload);
  SWARMCAST_CHECK(out.space() == 0);
}

std::string to_string(const FragmentView& f) {
  const FrameHeader& h = f.header;
  return "fragment " + std::to_string(f.index) + " of " + std::to_string(h.k) + "+" +
         std::to_string(h.r) + ", track " + std::to_string(h.id.track.value()) + " frame " +
         std::to_string(h.id.number.value()) + (h.key ? " key" : "") + " T" +
         std::to_string(h.temporal_id);
}

}  // namespace swarmcast::wire
