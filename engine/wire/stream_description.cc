#include "engine/wire/stream_description.h"

#include "engine/base/limits.h"

namespace swarmcast::wire {
namespace {

bool size_ok(uint16_t v) { return v >= 16 && v <= 7'680 && v % 2 == 0; }

bool valid(const StreamDescription& d) {
  const bool playout_ok =
      d.playout.us() == 0 || (d.playout >= kMinPlayout && d.playout <= kMaxPlayout);
  const bool picture_ok = d.codec == VideoCodec::kNone
                              ? d.width == 0 && d.height == 0 && d.fps == 0
                              : size_ok(d.width) && size_ok(d.height) && d.fps >= 1 && d.fps <= 120;
  return picture_ok && d.audio_channels <= 2 && playout_ok;
}

}  // namespace

Bytes<body::Welcome::kStreamSize> SignedStream::encode() const {
  SWARMCAST_CHECK(valid(description));
  Bytes<body::Welcome::kStreamSize> bytes{};
  ByteWriter out(bytes);
  out.u16(revision);
  out.u16(description.width);
  out.u16(description.height);
  out.u8(description.fps);
  out.u8(description.audio_channels);
  out.u32(static_cast<uint64_t>(description.playout.us()));
  out.u8(term);
  out.u8(static_cast<uint8_t>(description.codec));
  return bytes;
}

std::optional<SignedStream> SignedStream::parse(const Bytes<body::Welcome::kStreamSize>& bytes) {
  ByteReader in(bytes);
  SignedStream s;
  s.revision = in.u16();
  s.description.width = in.u16();
  s.description.height = in.u16();
  s.description.fps = in.u8();
  s.description.audio_channels = in.u8();
  s.description.playout = Duration::micros(in.u32());
  s.term = in.u8();
  s.description.codec = static_cast<VideoCodec>(in.u8());
  return valid(s.description) ? std::optional(s) : std::nullopt;
}

}  // namespace swarmcast::wire
