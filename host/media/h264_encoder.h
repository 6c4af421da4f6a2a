// H.264 with three temporal layers (L1T3) by OpenH264.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/media/video_encoder.h"

class ISVCEncoder;

namespace swarmcast::media {

// Layer and kind of a picture are what the encoder says, not what a cadence would suggest.
class H264Encoder : public VideoEncoder {
 public:
  static std::unique_ptr<H264Encoder> create(const Options& options);
  ~H264Encoder() override;

  std::optional<EncodedUnit> encode(const PictureView& picture, int64_t captured_us,
                                    bool force_key) override;
  void set_bitrate(int kbps) override;

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

  Options options_;
  std::unique_ptr<ISVCEncoder, EncoderDeleter> encoder_;
  size_t coarseness_ = 0;     // which floor of the quantiser is in force
  int64_t coarse_since_ = 0;  // unit number
  std::vector<uint8_t> unit_;
  LayerCounter layers_;
};

}  // namespace swarmcast::media
