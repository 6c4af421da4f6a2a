#include "host/media/nut_writer.h"

extern "C" {
#include <libavutil/imgutils.h>
}
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace swarmcast::media {
namespace {

constexpr size_t kMaxPictures = 4;
constexpr size_t kMaxSound = 100;  // 2 s
constexpr int kVideo = 0;
constexpr int kSound = 1;

}  // namespace

NutWriter::NutWriter(int fd, const StreamFormat& format, Callbacks callbacks)
    : fd_(fd),
      format_(format),
      callbacks_(std::move(callbacks)),
      scaler_({format.width, format.height}) {}

NutWriter::~NutWriter() {
  stop_.raise();
  {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  thread_.join();
}

void NutWriter::start() {
  thread_ = MediaThread("media-write", [this] { run(); });
}

void NutWriter::picture(FramePtr frame, uint32_t frame_number, int64_t captured_us) {
  std::lock_guard lock(mutex_);
  if (failed_) return;
  if (pictures_.size() >= kMaxPictures) pictures_.pop_front();
  pictures_.push_back({std::move(frame), {}, frame_number, captured_us});
  changed_.notify_all();
}

void NutWriter::sound(const PcmPacket& samples, int64_t captured_us, int64_t) {
  std::lock_guard lock(mutex_);
  if (failed_) return;
  if (sound_.size() >= kMaxSound) sound_.pop_front();
  sound_.push_back({nullptr, samples, 0, captured_us});
  changed_.notify_all();
}

void NutWriter::run() {
  int error = write_header();
  while (error >= 0) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_.raised() || !pictures_.empty() || !sound_.empty(); });
      if (stop_.raised()) return;
      // By capture time, as a demultiplexer expects it.
      const bool sound_first =
          pictures_.empty() ||
          (!sound_.empty() && sound_.front().captured_us <= pictures_.front().captured_us);
      std::deque<Job>& queue = sound_first ? sound_ : pictures_;
      job = std::move(queue.front());
      queue.pop_front();
    }
    error = write(job);
  }
  {
    std::lock_guard lock(mutex_);
    failed_ = true;
    pictures_.clear();
    sound_.clear();
  }
  if (!stop_.raised()) callbacks_.failed(explain(error));
}

int NutWriter::add_stream(AVMediaType type) {
  AVStream* stream = avformat_new_stream(muxer_.get(), nullptr);
  if (!stream) return AVERROR(ENOMEM);
  stream->time_base = kMicroseconds;
  AVCodecParameters& p = *stream->codecpar;
  p.codec_type = type;
  if (type == AVMEDIA_TYPE_VIDEO) {
    p.codec_id = AV_CODEC_ID_RAWVIDEO;
    p.format = AV_PIX_FMT_YUV420P;
    p.codec_tag = avcodec_pix_fmt_to_codec_tag(AV_PIX_FMT_YUV420P);
    p.width = format_.width;
    p.height = format_.height;
    stream->avg_frame_rate = {format_.fps, 1};
  } else {
    p.codec_id = AV_CODEC_ID_PCM_S16LE;
    p.format = AV_SAMPLE_FMT_S16;
    p.sample_rate = kAudioSampleRate;
    p.bits_per_coded_sample = 16;
    p.block_align = 2;
    av_channel_layout_default(&p.ch_layout, 1);
  }
  return 0;
}

int NutWriter::write_header() {
  constexpr int kBufferSize = 64 * 1024;
  AVFormatContext* raw = nullptr;
  if (int error = avformat_alloc_output_context2(&raw, nullptr, "nut", nullptr); error < 0)
    return error;
  muxer_.reset(raw);
  auto* buffer = static_cast<uint8_t*>(av_malloc(kBufferSize));
  if (!buffer) return AVERROR(ENOMEM);
  avio_.reset(
      avio_alloc_context(buffer, kBufferSize, 1, this, nullptr, &NutWriter::on_bytes, nullptr));
  if (!avio_) return AVERROR(ENOMEM);
  muxer_->pb = avio_.get();
  muxer_->flags |= AVFMT_FLAG_FLUSH_PACKETS | AVFMT_FLAG_BITEXACT;
  if (has_picture())
    if (int error = add_stream(AVMEDIA_TYPE_VIDEO); error < 0) return error;
  if (format_.audio_channels > 0)
    if (int error = add_stream(AVMEDIA_TYPE_AUDIO); error < 0) return error;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "write_index", "0", 0);  // it would grow for as long as we play
  const int error = avformat_write_header(muxer_.get(), &options);
  av_dict_free(&options);
  if (error < 0) return error;
  avio_flush(avio_.get());
  return avio_->error;
}

int NutWriter::write(Job& job) {
  if (!job.frame) {
    constexpr int kBytes = kAudioPacketSamples * 2;
    if (int error = av_new_packet(packet_.get(), kBytes); error < 0) return error;
    std::memcpy(packet_->data, job.samples.data(), kBytes);
    return write_packet(kSound, job.captured_us);
  }
  // A stream may change its size; the NUT header cannot.
  FramePtr picture = scaler_.scale(*job.frame);
  if (!picture) return 0;
  const int size = av_image_get_buffer_size(AV_PIX_FMT_YUV420P, format_.width, format_.height, 1);
  if (int error = av_new_packet(packet_.get(), size); error < 0) return error;
  av_image_copy_to_buffer(packet_->data, size, picture->data, picture->linesize, AV_PIX_FMT_YUV420P,
                          format_.width, format_.height, 1);
  const int error = write_packet(kVideo, job.captured_us);
  if (error >= 0) callbacks_.presented(job.frame_number, job.captured_us);
  return error;
}

// Takes what packet_ holds.
int NutWriter::write_packet(int stream, int64_t captured_us) {
  const int index = has_picture() ? stream : 0;
  const AVRational time_base = muxer_->streams[index]->time_base;
  const int64_t pts = av_rescale_q(captured_us, kMicroseconds, time_base);
  int error = 0;
  // NUT wants timestamps that rise.
  if (pts > last_us_[stream]) {
    last_us_[stream] = pts;
    packet_->stream_index = index;
    packet_->pts = packet_->dts = pts;
    packet_->flags |= AV_PKT_FLAG_KEY;
    error = av_write_frame(muxer_.get(), packet_.get());
    if (error >= 0) avio_flush(avio_.get());
    if (error >= 0) error = avio_->error;
  }
  av_packet_unref(packet_.get());
  return error;
}

int NutWriter::on_bytes(void* self, uint8_t* data, int size) {
  return static_cast<NutWriter*>(self)->write_bytes(data, size);
}

int NutWriter::write_bytes(const uint8_t* data, int size) {
  int done = 0;
  while (done < size) {
    if (!stop_.wait_for(fd_, POLLOUT)) return AVERROR_EXIT;
    // A pipe that is ready takes this much without blocking (POSIX), so that we can be stopped
    // while the reader sleeps.
    const auto piece = static_cast<size_t>(std::min(size - done, PIPE_BUF));
    const ssize_t n = ::write(fd_, data + done, piece);
    if (n > 0) done += static_cast<int>(n);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return AVERROR(errno);
  }
  return size;
}

std::string NutWriter::explain(int error) const {
  if (error == AVERROR(EPIPE))
    return "The program that was reading the video has closed its end. Start both again, for "
           "example: swarmcast watch INVITE --out - | ffplay -";
  return "The video could not be written to the output (" + av_error_text(error) +
         "). Check where --out - leads.";
}

}  // namespace swarmcast::media
