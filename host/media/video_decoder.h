// Decoding without delay: one unit in, one picture out.
#pragma once

#include <memory>

#include "engine/base/video_codec.h"
#include "host/media/av_ptr.h"

namespace swarmcast::media {

class VideoDecoder {
 public:
  // Null if libavcodec has no decoder for it.
  static std::unique_ptr<VideoDecoder> create(VideoCodec codec);

  // Decodes one unit on the calling thread. Null if it is damaged or refers to a picture that is
  // missing: nothing sensible can follow until a key frame.
  FramePtr decode(const AVPacket& unit);
  // Forgets all that came before; a key frame must follow.
  void reset();

 private:
  VideoDecoder(VideoCodec codec, CodecContextPtr context)
      : codec_(codec), context_(std::move(context)) {}
  const VideoCodec codec_;
  CodecContextPtr context_;
};

// For sentences: "H.264".
const char* name_of(VideoCodec codec);

}  // namespace swarmcast::media
