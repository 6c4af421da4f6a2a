#include "host/media/h264_decoder.h"

#include "host/media/media.h"

namespace swarmcast::media {

namespace {

CodecContextPtr open_decoder() {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
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

std::unique_ptr<H264Decoder> H264Decoder::create() {
  CodecContextPtr context = open_decoder();
  return context ? std::unique_ptr<H264Decoder>(new H264Decoder(std::move(context))) : nullptr;
}

FramePtr H264Decoder::decode(const AVPacket& unit) {
  if (avcodec_send_packet(context_.get(), &unit) < 0) return nullptr;
  FramePtr picture = new_frame();
  if (!picture || avcodec_receive_frame(context_.get(), picture.get()) < 0) return nullptr;
  const bool damaged = picture->decode_error_flags != 0 || (picture->flags & AV_FRAME_FLAG_CORRUPT);
  return damaged ? nullptr : std::move(picture);
}

// A new context rather than avcodec_flush_buffers(), which keeps parameter sets: damaged ones made
// it refuse the key frame that was to bring the picture back.
void H264Decoder::reset() {
  if (CodecContextPtr context = open_decoder()) context_ = std::move(context);
}

}  // namespace swarmcast::media
