#include "host/media/pacer.h"

#include <algorithm>

namespace swarmcast::media {

void Pacer::on_arrival(int64_t pts, int64_t now) {
  if (!started_ || live_ || now - (base_ + pts) > kStall) {
    started_ = true;
    base_ = now - pts;
    start_window(now);
    return;
  }
  slack_ = std::min(slack_, base_ + pts - now);
  if (now - window_start_ < kWindow) return;
  if (slack_ > kNegligible) base_ -= slack_;
  start_window(now);
}

}  // namespace swarmcast::media
