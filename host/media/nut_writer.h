// Writes decoded pictures and sound as a NUT stream, on a thread of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "host/media/media_thread.h"
#include "host/media/player_output.h"
#include "host/media/scaler.h"
#include "host/media/stop_signal.h"

namespace swarmcast::media {

// Raw yuv420p and, with sound, pcm_s16le; timestamps are the capture times. Every packet is flushed
// as it comes. A reader that is too slow loses pictures, then sound; it never stalls the decoder.
class NutWriter : public PlayerOutput {
 public:
  NutWriter(int fd, const StreamFormat& format, Callbacks callbacks);
  ~NutWriter() override;

  void start() override;
  void picture(FramePtr frame, uint32_t frame_number, int64_t captured_us) override;
  void sound(const PcmPacket& samples, int64_t captured_us, int64_t present_at_us) override;

 private:
  struct Job {
    FramePtr frame;  // null: sound
    PcmPacket samples{};
    uint32_t frame_number = 0;
    int64_t captured_us = 0;
  };

  bool has_picture() const { return format_.codec != VideoCodec::kNone; }
  void run();
  int write_header();
  int add_stream(AVMediaType type);
  int write(Job& job);
  int write_packet(int stream, int64_t captured_us);
  int write_bytes(const uint8_t* data, int size);
  static int on_bytes(void* self, uint8_t* data, int size);
  std::string explain(int error) const;

  const int fd_;
  const StreamFormat format_;
  const Callbacks callbacks_;
  Scaler scaler_;
  StopSignal stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> pictures_, sound_;
  bool failed_ = false;

  AvioPtr avio_;
  struct MuxerDeleter {
    void operator()(AVFormatContext* p) const { avformat_free_context(p); }
  };
  std::unique_ptr<AVFormatContext, MuxerDeleter> muxer_;
  PacketPtr packet_ = new_packet();
  int64_t last_us_[2] = {INT64_MIN, INT64_MIN};
  MediaThread thread_;
};

}  // namespace swarmcast::media
