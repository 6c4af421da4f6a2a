#include "host/window/sound_buffer.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::window {
namespace {

using media::kAudioPacketSamples;
using media::kAudioSampleRate;

constexpr size_t kMaxPackets = 256;      // 5 s
constexpr double kTolerance = 30'000;    // microseconds; beyond, sound starts anew
constexpr double kCorrection = 500'000;  // an error goes away at this time constant
constexpr double kMaxStretch = 0.03;     // the engine's playout delay changes by 2 % of the time
constexpr double kSmoothing = 0.1;       // of what is measured at each pull

double us_of(double samples) { return samples * 1e6 / kAudioSampleRate; }

}  // namespace

void SoundBuffer::push(const media::PcmPacket& samples, int64_t present_at_us) {
  const std::lock_guard lock(mutex_);
  if (packets_.size() >= kMaxPackets) {
    packets_.pop_front();
    position_ = 0;
  }
  packets_.push_back({samples, present_at_us});
}

int64_t SoundBuffer::head_us() const {
  return packets_.front().present_at_us + static_cast<int64_t>(us_of(position_));
}

void SoundBuffer::skip_to(int64_t us) {
  while (!packets_.empty()) {
    const double samples =
        static_cast<double>(us - packets_.front().present_at_us) * kAudioSampleRate / 1e6;
    if (samples < kAudioPacketSamples) {
      position_ = std::max(samples, 0.0);
      return;
    }
    packets_.pop_front();
    position_ = 0;
  }
}

// The sample at the position, between its neighbours; then goes on by `step`. False: none is left.
bool SoundBuffer::read(double step, int16_t& sample) {
  if (packets_.empty()) return false;
  const auto index = static_cast<size_t>(position_);
  const double part = position_ - static_cast<double>(index);
  const auto& now = packets_.front().samples;
  double next = now[index];
  if (index + 1 < now.size())
    next = now[index + 1];
  else if (packets_.size() > 1)
    next = packets_[1].samples[0];
  sample = static_cast<int16_t>(std::lround(now[index] * (1 - part) + next * part));
  position_ += step;
  if (position_ >= kAudioPacketSamples) {
    position_ -= kAudioPacketSamples;
    packets_.pop_front();
  }
  return true;
}

void SoundBuffer::pull(std::span<int16_t> out, int64_t heard_at_us) {
  const std::lock_guard lock(mutex_);
  size_t done = 0;
  while (done < out.size()) {
    const int64_t moment = heard_at_us + static_cast<int64_t>(us_of(static_cast<double>(done)));
    if (!packets_.empty() && !playing_) {
      skip_to(moment);
      error_us_ = 0;
    }
    if (packets_.empty()) break;
    const auto late = static_cast<double>(moment - head_us());
    error_us_ += kSmoothing * (late - error_us_);
    if (std::abs(late) > kTolerance || (!playing_ && late < 0)) {
      // Too early: silence until its moment. Too late: what has passed is left out.
      playing_ = false;
      if (late > 0) continue;
      const auto wait = static_cast<size_t>(-late * kAudioSampleRate / 1e6) + 1;
      const size_t silent = std::min(wait, out.size() - done);
      std::fill_n(out.begin() + static_cast<ptrdiff_t>(done), silent, int16_t{0});
      done += silent;
      if (silent == wait) playing_ = true;
      continue;
    }
    playing_ = true;
    const double step = 1 + std::clamp(error_us_ / kCorrection, -kMaxStretch, kMaxStretch);
    // To the end of this packet: the next one may have another moment.
    for (const size_t packets = packets_.size(); done < out.size(); ++done) {
      if (!read(step, out[done])) break;
      if (packets_.size() != packets) {
        ++done;
        break;
      }
    }
  }
  if (done < out.size()) playing_ = false;
  std::fill(out.begin() + static_cast<ptrdiff_t>(done), out.end(), int16_t{0});
}

}  // namespace swarmcast::window
