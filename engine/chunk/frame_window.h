// The last frames of one track by number, with an estimate of when unseen ones were captured.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/frame.h"

namespace swarmcast::chunk {

// 17 s at 60 frames a second: longer than any ring or playout delay.
inline constexpr uint32_t kFrameWindow = 1'024;

struct FrameSlot {
  enum class Outcome : uint8_t { kOpen, kOnTime, kLate, kMissing, kUndecodable };

  StreamTime capture;  // estimated between its neighbours until `seen`
  uint8_t depends_on = 0;
  uint8_t temporal_id = 0;
  bool key = false;
  bool seen = false;  // at least one fragment came, so the header is known
  bool complete = false;
  bool released = false;
  bool reachable = false;  // scratch of VideoPlayout: decodable once the cursor's frame is
  Outcome outcome = Outcome::kOpen;
};

// Every number in [begin, end) has a slot; numbers are plain integers here because arithmetic on
// them is all this room does.
class FrameWindow {
 public:
  FrameWindow() : slots_(kFrameWindow) {}

  bool empty() const { return begin_ == end_; }
  uint32_t begin() const { return begin_; }
  uint32_t end() const { return end_; }
  bool contains(uint32_t number) const { return number >= begin_ && number < end_; }
  FrameSlot& at(uint32_t number) { return slots_[number % kFrameWindow]; }
  const FrameSlot& at(uint32_t number) const { return slots_[number % kFrameWindow]; }

  // Where the window would begin if it had to hold `number` as well.
  uint32_t begin_with(uint32_t number) const;
  // Enters a header; slots before begin_with(its number) are forgotten. A newcomer's catch-up may
  // come after the first live frame, so the window grows downwards too, as far as it fits. Null if
  // the number is too old.
  FrameSlot* note(const FrameHeader& header);

 private:
  void prepend(uint32_t number, StreamTime capture);
  void append(uint32_t number, StreamTime capture);

  std::vector<FrameSlot> slots_;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
};

}  // namespace swarmcast::chunk
