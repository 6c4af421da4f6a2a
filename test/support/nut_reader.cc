#include "test/support/nut_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "host/stamp/stamp.h"

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/mathematics.h>
}

namespace swarmcast::test {
namespace {

constexpr int kBufferSize = 64 * 1'024;

}  // namespace

NutReader::NutReader(int fd) : fd_(fd), thread_([this] { run(); }) {}

NutReader::~NutReader() {
  abandon_ = true;
  thread_.join();
  if (fd_ >= 0) close(fd_);
}

int NutReader::read_some(void* self, uint8_t* buffer, int size) {
  NutReader& reader = *static_cast<NutReader*>(self);
  while (!reader.abandon_) {
    pollfd ready{reader.fd_, POLLIN, 0};
    if (poll(&ready, 1, 50) != 1) continue;
    const ssize_t n = read(reader.fd_, buffer, static_cast<size_t>(size));
    return n > 0 ? static_cast<int>(n) : AVERROR_EOF;
  }
  return AVERROR_EXIT;
}

void NutReader::run() {
  AVFormatContext* format = avformat_alloc_context();
  uint8_t* buffer = static_cast<uint8_t*>(av_malloc(kBufferSize));
  format->pb = avio_alloc_context(buffer, kBufferSize, 0, this, &read_some, nullptr, nullptr);
  AVIOContext* io = format->pb;
  std::string error;
  // On failure avformat_open_input frees `format`, but not our I/O.
  if (avformat_open_input(&format, nullptr, av_find_input_format("nut"), nullptr) == 0) {
    demux(format);
    avformat_close_input(&format);
  } else if (!abandon_) {
    error = "not a NUT stream, or nothing came";
  }
  av_freep(&io->buffer);
  avio_context_free(&io);
  const std::lock_guard lock(mutex_);
  error_ = error;
  ended_ = true;
  changed_.notify_all();
}

void NutReader::demux(AVFormatContext* format) {
  AVPacket* packet = av_packet_alloc();
  while (av_read_frame(format, packet) >= 0) {
    const AVStream* stream = format->streams[packet->stream_index];
    const AVCodecParameters& codec = *stream->codecpar;
    const int64_t pts_us = av_rescale_q(packet->pts, stream->time_base, {1, 1'000'000});
    if (codec.codec_type == AVMEDIA_TYPE_VIDEO) {
      take_picture(*packet, codec.width, codec.height, pts_us);
    } else if (codec.codec_type == AVMEDIA_TYPE_AUDIO) {
      take_sound(*packet, codec.ch_layout.nb_channels, pts_us);
    }
    av_packet_unref(packet);
  }
  av_packet_free(&packet);
}

void NutReader::take_picture(const AVPacket& packet, int width, int height, int64_t pts_us) {
  SeenPicture seen{.pts_us = pts_us,
                   .arrived_us = monotonic_us(),
                   .width = width,
                   .height = height,
                   .stamp = {},
                   .thumbnail = {}};
  if (packet.size < av_image_get_buffer_size(AV_PIX_FMT_YUV420P, width, height, 1)) return;
  seen.thumbnail = shrink(packet.data, width, width, height);
  seen.stamp = read_stamp(packet.data, static_cast<size_t>(width), width, height);
  const std::lock_guard lock(mutex_);
  if (pictures_.size() < kMaxSeen) pictures_.push_back(std::move(seen));
  changed_.notify_all();
}

void NutReader::take_sound(const AVPacket& packet, int channels, int64_t pts_us) {
  const int values = packet.size / 2;  // signed 16-bit, little-endian
  double squares = 0;
  for (int i = 0; i < values; ++i) {
    int16_t sample = 0;
    std::memcpy(&sample, packet.data + 2 * i, sizeof sample);
    squares += static_cast<double>(sample) * sample;
  }
  const SeenSound seen{.pts_us = pts_us,
                       .arrived_us = monotonic_us(),
                       .samples = channels > 0 ? values / channels : 0,
                       .rms = values > 0 ? std::sqrt(squares / values) / 32'768 : 0};
  const std::lock_guard lock(mutex_);
  if (sound_.size() < kMaxSeen) sound_.push_back(seen);
}

bool NutReader::wait_pictures(size_t count, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return ended_ || pictures_.size() >= count; });
  return pictures_.size() >= count;
}

bool NutReader::wait_end(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return ended_; });
}

std::vector<SeenPicture> NutReader::pictures() const {
  const std::lock_guard lock(mutex_);
  return pictures_;
}

std::vector<SeenSound> NutReader::sound() const {
  const std::lock_guard lock(mutex_);
  return sound_;
}

std::string NutReader::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

int64_t longest_gap_us(const std::vector<SeenPicture>& pictures, int64_t from_us, int64_t to_us) {
  int64_t longest = 0, last = from_us;
  for (const SeenPicture& picture : pictures) {
    if (picture.arrived_us < from_us || picture.arrived_us > to_us) continue;
    longest = std::max(longest, picture.arrived_us - last);
    last = picture.arrived_us;
  }
  return std::max(longest, to_us - last);
}

}  // namespace swarmcast::test
