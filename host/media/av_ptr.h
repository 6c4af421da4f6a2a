// FFmpeg's objects as owned values.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace swarmcast::media {

struct AvDeleter {
  void operator()(AVFrame* p) const { av_frame_free(&p); }
  void operator()(AVPacket* p) const { av_packet_free(&p); }
  void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
  void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
  void operator()(SwsContext* p) const { sws_freeContext(p); }
  void operator()(SwrContext* p) const { swr_free(&p); }
  void operator()(AVIOContext* p) const {
    if (p) av_freep(static_cast<void*>(&p->buffer));
    avio_context_free(&p);
  }
  void operator()(AVDictionary* p) const { av_dict_free(&p); }
};

using FramePtr = std::unique_ptr<AVFrame, AvDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, AvDeleter>;
using InputContextPtr = std::unique_ptr<AVFormatContext, AvDeleter>;
using SwsPtr = std::unique_ptr<SwsContext, AvDeleter>;
using SwrPtr = std::unique_ptr<SwrContext, AvDeleter>;
using AvioPtr = std::unique_ptr<AVIOContext, AvDeleter>;

inline FramePtr new_frame() { return FramePtr(av_frame_alloc()); }
inline PacketPtr new_packet() { return PacketPtr(av_packet_alloc()); }

inline constexpr AVRational kMicroseconds{1, 1'000'000};

inline std::string av_error_text(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

}  // namespace swarmcast::media
