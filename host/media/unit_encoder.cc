#include "host/media/unit_encoder.h"

#include <algorithm>
#include <utility>

namespace swarmcast::media {
namespace {

constexpr int64_t kMinKeyDistance = 500'000;  // microseconds between key frames on demand

int clamped(int kbps) { return std::clamp(kbps, kMinBitrateKbps, kMaxBitrateKbps); }

}  // namespace

bool UnitEncoder::open(const StreamFormat& format) {
  applied_kbps_ = clamped(bitrate_kbps_);
  const bool picture = format.codec != VideoCodec::kNone;
  if (picture)
    video_ = VideoEncoder::create(format.codec,
                                  {format.width, format.height, format.fps, applied_kbps_});
  if (format.audio_channels > 0) audio_ = SoundEncoder::create();
  return (video_ || !picture) && (audio_ || format.audio_channels == 0);
}

void UnitEncoder::set_target(int kbps, bool sound_only) {
  bitrate_kbps_ = clamped(kbps);
  sound_only_ = sound_only;
}

void UnitEncoder::picture(const PictureView& picture, int64_t captured_us) {
  if (!video_) return;
  if (sound_only_) {
    if (!std::exchange(paused_, true))
      sink_.on_notice("The network does not carry the picture for now: sound only.");
    return;
  }
  if (last_picture_us_ && captured_us <= *last_picture_us_) captured_us = *last_picture_us_ + 1;
  if (const int wanted = clamped(bitrate_kbps_); wanted != applied_kbps_) {
    video_->set_bitrate(wanted);
    applied_kbps_ = wanted;
  }
  // A wish that comes too early is kept, not lost: whoever asked may have missed the last one.
  // After a pause nobody has what a picture could refer to.
  const bool wanted_key =
      captured_us - last_key_us_ >= kMinKeyDistance && key_wanted_.exchange(false);
  const bool key = wanted_key || paused_;
  const auto unit = video_->encode(picture, captured_us, key);
  if (!unit) return;
  if (std::exchange(paused_, false)) sink_.on_notice("The picture is being sent again.");
  last_picture_us_ = captured_us;
  if (unit->key) last_key_us_ = captured_us;
  sink_.on_video(*unit);
}

void UnitEncoder::sound(const PcmPacket& samples, int64_t captured_us) {
  // The time line of a live input may move earlier; what overlaps is skipped.
  if (!audio_ || (last_sound_us_ && captured_us <= *last_sound_us_)) return;
  EncodedUnit unit;
  unit.payload = audio_->encode(samples);
  if (unit.payload.empty()) return;
  unit.key = true;
  unit.captured_us = captured_us;
  last_sound_us_ = captured_us;
  sink_.on_audio(unit);
}

}  // namespace swarmcast::media
