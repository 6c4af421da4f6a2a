// VP9 with three temporal layers (L1T3) by libvpx.
#pragma once

#include <memory>
#include <vector>

#include "host/media/svc_encoder.h"

namespace swarmcast::media {

class Vp9Encoder : public SvcEncoder {
 public:
  static std::unique_ptr<Vp9Encoder> create(const Options& options);
  ~Vp9Encoder() override;

 private:
  struct Library;  // libvpx's own structs

  explicit Vp9Encoder(const Options& options);
  bool open();
  bool encode_once(const PictureView& picture, int64_t captured_us, const Task& task,
                   std::vector<uint8_t>& unit) override;
  void configure() override;

  std::unique_ptr<Library> library_;
};

}  // namespace swarmcast::media
