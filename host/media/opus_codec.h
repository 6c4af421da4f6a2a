// Opus (RFC 6716), mono, 48 kHz, 20 ms packets.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "engine/base/bytes.h"
#include "host/media/media.h"

struct OpusEncoder;
struct OpusDecoder;

namespace swarmcast::media {

using PcmPacket = std::array<int16_t, kAudioPacketSamples>;

class SoundEncoder {
 public:
  static std::unique_ptr<SoundEncoder> create();
  ~SoundEncoder();
  // One packet, valid until the next call; empty on failure.
  ByteSpan encode(const PcmPacket& samples);

 private:
  explicit SoundEncoder(OpusEncoder* encoder) : encoder_(encoder) {}
  OpusEncoder* encoder_;
  std::array<uint8_t, 1275> packet_;  // the largest Opus frame
};

class SoundDecoder {
 public:
  static std::unique_ptr<SoundDecoder> create();
  ~SoundDecoder();
  // Decodes one packet; an empty one stands for a lost packet, which is concealed. nullopt if the
  // packet is damaged or not 20 ms long.
  std::optional<PcmPacket> decode(ByteSpan packet);

 private:
  explicit SoundDecoder(OpusDecoder* decoder) : decoder_(decoder) {}
  OpusDecoder* decoder_;
};

}  // namespace swarmcast::media
