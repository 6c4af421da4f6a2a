// H.264 with three temporal layers (L1T3) by OpenH264.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/media/media.h"
#include "host/media/picture_view.h"

class ISVCEncoder;

namespace swarmcast::media {

// Pictures come in mini-GOPs T0 T2 T1 T2, which are the chunks of the protocol; a key frame starts
// a new one anywhere. Layer and kind of a picture are what the encoder says, not what a cadence
// would suggest.
class H264Encoder {
 public:
  struct Options {
    int width = 640;  // even
    int height = 360;
    int fps = kDefaultFps;
    int bitrate_kbps = 800;
  };
  // Null if the encoder refuses these options.
  static std::unique_ptr<H264Encoder> create(const Options& options);
  ~H264Encoder();

  // Encodes on the calling thread, one picture in, one unit out, valid until the next call; nullopt
  // if the encoder gave nothing. `captured_us` is passed through.
  std::optional<EncodedUnit> encode(const PictureView& picture, int64_t captured_us,
                                    bool force_key);
  void set_bitrate(int kbps);

 private:
  H264Encoder(ISVCEncoder* encoder, const Options& options);
  EncodedUnit describe(bool key, uint8_t temporal_id);

  ISVCEncoder* encoder_;
  Options options_;
  std::vector<uint8_t> unit_;
  int64_t number_ = 0;    // of the next unit
  int64_t last_t0_ = 0;   // unit numbers of the latest pictures others may refer to
  int64_t last_t1_ = -1;  // in this chunk; -1 = none
};

}  // namespace swarmcast::media
