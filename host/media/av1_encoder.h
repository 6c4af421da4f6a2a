// AV1 with three temporal layers (L1T3) by libaom.
#pragma once

#include <memory>
#include <vector>

#include "host/media/svc_encoder.h"

namespace swarmcast::media {

class Av1Encoder : public SvcEncoder {
 public:
  static std::unique_ptr<Av1Encoder> create(const Options& options);
  ~Av1Encoder() override;

 private:
  struct Library;  // libaom's own structs

  explicit Av1Encoder(const Options& options);
  bool open();
  void set_layer(const Task& task);
  bool encode_once(const PictureView& picture, int64_t captured_us, const Task& task,
                   std::vector<uint8_t>& unit) override;
  void configure() override;

  std::unique_ptr<Library> library_;
};

}  // namespace swarmcast::media
