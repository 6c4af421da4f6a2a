// Fragments of one link that came before anything that proves their frame (spec/fragment.md, "Lean
// fragments"). They are claims: nothing here is stored, forwarded or shown.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace swarmcast::repair {

class FragmentHold {
 public:
  // Messages: a frame at 8 Mbit/s, or what comes in a round trip of 150 ms at 4.
  static constexpr size_t kCapacity = 64;
  // What is not proven by then was lost with its frame.
  static constexpr Duration kMaxAge = Duration::seconds(1);

  struct Held {
    FrameId frame;
    LinkSequence sequence;  // of the link
    Instant since;
    std::vector<uint8_t> message;
  };

  // Copies the message. If there is no room, the oldest goes: its number is returned.
  std::optional<LinkSequence> add(Instant now, FrameId frame, LinkSequence sequence,
                                  ByteSpan message);
  // Takes out the oldest of the frame; nullopt if there is none.
  std::optional<Held> take(FrameId frame);
  void expire(Instant now);

  // When the oldest came; never() if nothing is held.
  Instant oldest() const { return held_.empty() ? Instant::never() : held_.front().since; }
  size_t size() const { return held_.size(); }

 private:
  std::vector<Held> held_;  // in the order they came
};

}  // namespace swarmcast::repair
