// Fragments of one link that came before anything that proves their frame (spec/fragment.md, "Lean
// fragments"). They are claims: nothing here is stored, forwarded or shown.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
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
    ByteSpan message;  // until the next add()
  };

  // Copies the message, of at most kMaxMessageSize bytes. If there is no room, the oldest goes: its
  // number is returned.
  std::optional<LinkSequence> add(Instant now, FrameId frame, LinkSequence sequence,
                                  ByteSpan message);
  // Takes out the oldest of the frame; nullopt if there is none.
  std::optional<Held> take(FrameId frame);
  void expire(Instant now);

  // When the oldest came that may still be proven; never() if there is none.
  Instant oldest(Instant now) const;
  size_t size() const { return entries_.size(); }
  // Messages there is memory for.
  size_t places() const { return places_.size(); }

 private:
  struct Entry {
    Held held;
    size_t place;
  };
  using Place = Bytes<kMaxMessageSize>;

  Held erase(size_t index);

  std::vector<Entry> entries_;  // in the order they came
  // As many as were ever held at once: most links bring few such fragments at a time, or none.
  std::vector<std::unique_ptr<Place>> places_;
  uint64_t used_ = 0;  // a bit a place
  static_assert(kCapacity == std::numeric_limits<decltype(used_)>::digits);
};

}  // namespace swarmcast::repair
