// H.264 decoding without delay: one unit in, one picture out.
#pragma once

#include <memory>

#include "host/media/av_ptr.h"

namespace swarmcast::media {

class H264Decoder {
 public:
  // Null if libavcodec has no H.264 decoder.
  static std::unique_ptr<H264Decoder> create();

  // Decodes one access unit on the calling thread. Null if it is damaged or refers to a picture
  // that is missing: nothing sensible can follow until a key frame.
  FramePtr decode(const AVPacket& unit);
  // Forgets all that came before; a key frame must follow.
  void reset();

 private:
  explicit H264Decoder(CodecContextPtr context) : context_(std::move(context)) {}
  CodecContextPtr context_;
};

}  // namespace swarmcast::media
