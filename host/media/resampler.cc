#include "host/media/resampler.h"

#include <algorithm>
#include <cstdlib>

namespace swarmcast::media {
namespace {

// Timestamps may jitter this much around the count of samples before we believe in a gap.
constexpr int64_t kTolerance = 60'000;
// No codec's frames last longer: of a rate out of all proportion a few samples would fill memory.
constexpr int kMaxFrameSeconds = 10;

int64_t duration_us(size_t samples) {
  return static_cast<int64_t>(samples) * 1'000'000 / kAudioSampleRate;
}

}  // namespace

bool Resampler::prepare(const AVFrame& frame) {
  const int channels = frame.ch_layout.nb_channels;
  if (swr_ && rate_ == frame.sample_rate && channels_ == channels && format_ == frame.format)
    return true;
  swr_.reset();
  AVChannelLayout in{};
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&in, channels);
  else if (av_channel_layout_copy(&in, &frame.ch_layout) < 0)
    return false;
  AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  SwrContext* raw = nullptr;
  const int error =
      swr_alloc_set_opts2(&raw, &mono, AV_SAMPLE_FMT_S16, kAudioSampleRate, &in,
                          static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  av_channel_layout_uninit(&in);
  swr_.reset(raw);
  if (error < 0 || swr_init(swr_.get()) < 0) {
    swr_.reset();
    return false;
  }
  rate_ = frame.sample_rate;
  channels_ = channels;
  format_ = frame.format;
  return true;
}

void Resampler::push(const AVFrame& frame, std::optional<int64_t> pts_us) {
  if (frame.nb_samples <= 0 || frame.sample_rate <= 0) return;
  if (frame.nb_samples / frame.sample_rate >= kMaxFrameSeconds || !prepare(frame)) return;
  const int64_t expected = first_pts_us_ + duration_us(samples_.size());
  if (pts_us && std::llabs(*pts_us - expected) > kTolerance) {
    samples_.clear();
    first_pts_us_ = *pts_us;
  }
  const int room = swr_get_out_samples(swr_.get(), frame.nb_samples);
  if (room <= 0) return;
  const size_t before = samples_.size();
  samples_.resize(before + static_cast<size_t>(room));
  auto* out = reinterpret_cast<uint8_t*>(samples_.data() + before);
  const int n = swr_convert(swr_.get(), &out, room,
                            const_cast<const uint8_t**>(frame.extended_data), frame.nb_samples);
  samples_.resize(before + static_cast<size_t>(std::max(n, 0)));
}

std::optional<Resampler::Packet> Resampler::pop() {
  Packet packet;
  if (samples_.size() < packet.samples.size()) return std::nullopt;
  packet.pts_us = first_pts_us_;
  std::copy_n(samples_.begin(), packet.samples.size(), packet.samples.begin());
  samples_.erase(samples_.begin(), samples_.begin() + kAudioPacketSamples);
  first_pts_us_ += duration_us(packet.samples.size());
  return packet;
}

}  // namespace swarmcast::media
