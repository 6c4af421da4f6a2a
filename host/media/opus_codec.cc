#include "host/media/opus_codec.h"

#include <opus/opus.h>

namespace swarmcast::media {
namespace {

constexpr int kSoundBitrate = 32'000;  // bit/s
// Half of the best: no audible difference at this bitrate, half the CPU.
constexpr int kComplexity = 5;

}  // namespace

std::unique_ptr<SoundEncoder> SoundEncoder::create() {
  int error = 0;
  // AUDIO rather than RESTRICTED_LOWDELAY: 4 ms more delay, but SILK keeps speech good when the
  // rate is low.
  OpusEncoder* encoder = opus_encoder_create(kAudioSampleRate, 1, OPUS_APPLICATION_AUDIO, &error);
  if (error != OPUS_OK) return nullptr;
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(kSoundBitrate));
  opus_encoder_ctl(encoder, OPUS_SET_VBR_CONSTRAINT(1));
  opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(kComplexity));
  return std::unique_ptr<SoundEncoder>(new SoundEncoder(encoder));
}

SoundEncoder::~SoundEncoder() { opus_encoder_destroy(encoder_); }

ByteSpan SoundEncoder::encode(const PcmPacket& samples) {
  const opus_int32 n = opus_encode(encoder_, samples.data(), kAudioPacketSamples, packet_.data(),
                                   static_cast<opus_int32>(packet_.size()));
  return n > 0 ? ByteSpan(packet_).first(static_cast<size_t>(n)) : ByteSpan();
}

std::unique_ptr<SoundDecoder> SoundDecoder::create() {
  int error = 0;
  OpusDecoder* decoder = opus_decoder_create(kAudioSampleRate, 1, &error);
  if (error != OPUS_OK) return nullptr;
  return std::unique_ptr<SoundDecoder>(new SoundDecoder(decoder));
}

SoundDecoder::~SoundDecoder() { opus_decoder_destroy(decoder_); }

std::optional<PcmPacket> SoundDecoder::decode(ByteSpan packet) {
  PcmPacket samples;
  const int n =
      opus_decode(decoder_, packet.empty() ? nullptr : packet.data(),
                  static_cast<opus_int32>(packet.size()), samples.data(), kAudioPacketSamples, 0);
  if (n != kAudioPacketSamples) return std::nullopt;
  return samples;
}

}  // namespace swarmcast::media
