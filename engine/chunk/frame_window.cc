#include "engine/chunk/frame_window.h"

#include <algorithm>

namespace swarmcast::chunk {

uint32_t FrameWindow::begin_with(uint32_t number) const {
  if (empty()) return number;
  const uint32_t last = std::max(number, end_ - 1);
  return last - begin_ < kFrameWindow ? begin_ : last - (kFrameWindow - 1);
}

FrameSlot* FrameWindow::note(const FrameHeader& header) {
  const uint32_t number = header.id.number.value();
  if (empty()) begin_ = end_ = number;
  if (number < begin_ && end_ - number > kFrameWindow) return nullptr;
  if (number < begin_) prepend(number, header.capture);
  if (number >= end_) append(number, header.capture);
  FrameSlot& slot = at(number);
  if (!slot.seen) {
    slot.seen = true;
    slot.capture = header.capture;
    slot.depends_on = header.depends_on;
    slot.temporal_id = header.temporal_id;
    slot.key = header.key;
  }
  return &slot;
}

void FrameWindow::prepend(uint32_t number, StreamTime capture) {
  const int64_t steps = begin_ - number;
  const Duration span = at(begin_).capture - capture;
  for (uint32_t n = number; n < begin_; ++n)
    at(n) = FrameSlot{.capture = capture + span / steps * (n - number)};
  begin_ = number;
}

void FrameWindow::append(uint32_t number, StreamTime capture) {
  const uint32_t old_end = end_;
  const bool first = empty();
  const StreamTime before = first ? capture : at(old_end - 1).capture;
  const int64_t steps = int64_t{number} + 1 - old_end + (first ? 1 : 0);
  begin_ = begin_with(number);
  for (uint32_t n = std::max(old_end, begin_); n <= number; ++n)
    at(n) = FrameSlot{.capture = before + (capture - before) / steps * (int64_t{n} + 1 - old_end)};
  end_ = number + 1;
}

}  // namespace swarmcast::chunk
