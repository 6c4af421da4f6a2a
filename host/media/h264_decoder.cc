#include "host/media/h264_decoder.h"

#include "host/media/media.h"

namespace swarmcast::media {

std::unique_ptr<H264Decoder> H264Decoder::create() {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  if (!codec) return nullptr;
  CodecContextPtr context(avcodec_alloc_context3(codec));
  if (!context) return nullptr;
  // One thread and low delay: a picture comes out with the unit it went in with.
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  // A picture with holes is worse than the picture before.
  context->error_concealment = 0;
  context->err_recognition = AV_EF_EXPLODE;
  context->max_pixels = int64_t{kMaxSide} * kMaxSide;
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return nullptr;
  return std::unique_ptr<H264Decoder>(new H264Decoder(std::move(context)));
}

FramePtr H264Decoder::decode(const AVPacket& unit) {
  if (avcodec_send_packet(context_.get(), &unit) < 0) return nullptr;
  FramePtr picture = new_frame();
  if (!picture || avcodec_receive_frame(context_.get(), picture.get()) < 0) return nullptr;
  const bool damaged = picture->decode_error_flags != 0 || (picture->flags & AV_FRAME_FLAG_CORRUPT);
  return damaged ? nullptr : std::move(picture);
}

void H264Decoder::reset() { avcodec_flush_buffers(context_.get()); }

}  // namespace swarmcast::media
