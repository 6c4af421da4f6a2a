#include "host/media/svc_encoder.h"

#include "engine/base/limits.h"

namespace swarmcast::media {
namespace {

constexpr int kCoarseSeconds = 5;  // before finer coding is tried again

}  // namespace

void SvcEncoder::set_bitrate(int kbps) {
  options_.bitrate_kbps = kbps;
  configure();
}

// Coarser coding starts over with a key frame.
bool SvcEncoder::encode_within_limit(const PictureView& picture, int64_t captured_us, Task& task) {
  if (coarse_ && layers_.number() - coarse_since_ >= int64_t{kCoarseSeconds} * options_.fps) {
    coarse_ = false;
    configure();
  }
  if (!encode_once(picture, captured_us, task, unit_)) return false;
  if (unit_.size() <= unit_limit(options_.bitrate_kbps)) return true;
  coarse_ = true;
  coarse_since_ = layers_.number();
  configure();
  task = {.key = true};
  // The library wants times that grow.
  return encode_once(picture, captured_us + 1, task, unit_) && unit_.size() <= kMaxFrameSize;
}

std::optional<EncodedUnit> SvcEncoder::encode(const PictureView& picture, int64_t captured_us,
                                              bool force_key) {
  Task task;
  task.position = static_cast<int>(layers_.since_t0() % kMiniGop);
  const bool due = task.position == 0 && layers_.number() - last_key_ >= key_interval(options_.fps);
  task.key = force_key || due || broken_;
  broken_ = !encode_within_limit(picture, captured_us, task);
  if (broken_ || unit_.empty()) return std::nullopt;
  if (task.key) last_key_ = layers_.number();
  EncodedUnit unit = layers_.next(task.key, task.temporal_id());
  unit.payload = unit_;
  unit.captured_us = captured_us;
  return unit;
}

}  // namespace swarmcast::media
