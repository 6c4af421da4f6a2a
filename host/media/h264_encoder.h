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
  // if the encoder can make nothing of it. `captured_us` is passed through. No unit is larger than
  // kMaxFrameSize (engine/base), nor than some 2 s of the bitrate if coarser coding helps.
  std::optional<EncodedUnit> encode(const PictureView& picture, int64_t captured_us,
                                    bool force_key);
  void set_bitrate(int kbps);

 private:
  struct EncoderDeleter {
    void operator()(ISVCEncoder* encoder) const;
  };
  struct Coded {
    bool key = false;
    uint8_t temporal_id = 0;
  };

  explicit H264Encoder(const Options& options) : options_(options) {}
  bool open(size_t coarseness);
  std::optional<Coded> encode_once(const PictureView& picture, int64_t captured_us, bool force_key);
  std::optional<Coded> encode_within_limit(const PictureView& picture, int64_t captured_us,
                                           bool force_key);
  size_t unit_limit() const;
  EncodedUnit describe(Coded coded);

  Options options_;
  std::unique_ptr<ISVCEncoder, EncoderDeleter> encoder_;
  size_t coarseness_ = 0;     // which floor of the quantiser is in force
  int64_t coarse_since_ = 0;  // unit number
  std::vector<uint8_t> unit_;
  int64_t number_ = 0;    // of the next unit
  int64_t last_t0_ = 0;   // unit numbers of the latest pictures others may refer to
  int64_t last_t1_ = -1;  // in this chunk; -1 = none
};

}  // namespace swarmcast::media
