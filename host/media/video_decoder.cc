#include "host/media/video_decoder.h"

#include "host/media/media.h"

namespace swarmcast::media {

namespace {

const AVCodec* find_decoder(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::kH264:
      return avcodec_find_decoder(AV_CODEC_ID_H264);
    case VideoCodec::kVp9:
      return avcodec_find_decoder_by_name("vp9");  // FFmpeg's own
    case VideoCodec::kAv1: {
      // FFmpeg's own AV1 decoder needs hardware.
      const AVCodec* const dav1d = avcodec_find_decoder_by_name("libdav1d");
      return dav1d ? dav1d : avcodec_find_decoder_by_name("libaom-av1");
    }
    case VideoCodec::kVp8:
      return avcodec_find_decoder_by_name("vp8");  // FFmpeg's own
    case VideoCodec::kNone:
      break;
  }
  return nullptr;
}

CodecContextPtr open_decoder(VideoCodec kind) {
  const AVCodec* codec = find_decoder(kind);
  CodecContextPtr context(codec ? avcodec_alloc_context3(codec) : nullptr);
  if (!context) return nullptr;
  // One thread and low delay: a picture comes out with the unit it went in with.
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  // A picture with holes is worse than the picture before.
  context->error_concealment = 0;
  context->err_recognition = AV_EF_EXPLODE;
  context->max_pixels = int64_t{kMaxSide} * kMaxSide;
  return avcodec_open2(context.get(), codec, nullptr) < 0 ? nullptr : std::move(context);
}

}  // namespace

std::unique_ptr<VideoDecoder> VideoDecoder::create(VideoCodec codec) {
  CodecContextPtr context = open_decoder(codec);
  return context ? std::unique_ptr<VideoDecoder>(new VideoDecoder(codec, std::move(context)))
                 : nullptr;
}

const char* name_of(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::kNone:
      return "no picture";
    case VideoCodec::kH264:
      return "H.264";
    case VideoCodec::kVp9:
      return "VP9";
    case VideoCodec::kAv1:
      return "AV1";
    case VideoCodec::kVp8:
      return "VP8";
  }
  return "unknown";
}

FramePtr VideoDecoder::decode(const AVPacket& unit) {
  if (avcodec_send_packet(context_.get(), &unit) < 0) return nullptr;
  FramePtr picture = new_frame();
  if (!picture || avcodec_receive_frame(context_.get(), picture.get()) < 0) return nullptr;
  const bool damaged = picture->decode_error_flags != 0 || (picture->flags & AV_FRAME_FLAG_CORRUPT);
  return damaged ? nullptr : std::move(picture);
}

// A new context rather than avcodec_flush_buffers(), which keeps parameter sets: damaged ones made
// it refuse the key frame that was to bring the picture back.
void VideoDecoder::reset() {
  if (CodecContextPtr context = open_decoder(codec_)) context_ = std::move(context);
}

}  // namespace swarmcast::media
