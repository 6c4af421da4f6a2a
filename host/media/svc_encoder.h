// What the VP9 and AV1 encoders share: we tell them the layer of each picture.
#pragma once

#include <array>
#include <vector>

#include "host/media/video_encoder.h"

namespace swarmcast::media {

class SvcEncoder : public VideoEncoder {
 public:
  std::optional<EncodedUnit> encode(const PictureView& picture, int64_t captured_us,
                                    bool force_key) final;
  void set_bitrate(int kbps) final;

 protected:
  static constexpr int kLayers = 3;

  struct Task {
    bool key = false;
    int position = 0;  // in the mini-GOP: T0 T2 T1 T2
    uint8_t temporal_id() const { return key ? 0 : kTemporalIds[position]; }
  };

  explicit SvcEncoder(const Options& options) : options_(options) {}

  // Encodes one picture into `unit`. False: the library refused.
  virtual bool encode_once(const PictureView& picture, int64_t captured_us, const Task& task,
                           std::vector<uint8_t>& unit) = 0;
  // Puts options().bitrate_kbps and coarse() into force.
  virtual void configure() = 0;

  const Options& options() const { return options_; }
  // Pictures that are hard to code (noise) must be kept from becoming too large.
  bool coarse() const { return coarse_; }
  // Of the bitrate, for the layers up to each one.
  int layer_kbps(int layer) const { return options_.bitrate_kbps * kShares[layer] / 100; }

 private:
  static constexpr std::array<uint8_t, kMiniGop> kTemporalIds = {0, 2, 1, 2};
  static constexpr std::array<int, kLayers> kShares = {50, 70, 100};

  bool encode_within_limit(const PictureView& picture, int64_t captured_us, Task& task);

  Options options_;
  bool coarse_ = false;
  int64_t coarse_since_ = 0;  // unit number
  int64_t last_key_ = 0;      // unit number
  bool broken_ = true;        // what a picture could refer to was never sent
  std::vector<uint8_t> unit_;
  LayerCounter layers_;
};

}  // namespace swarmcast::media
