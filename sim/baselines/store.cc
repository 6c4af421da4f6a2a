#include "sim/baselines/store.h"

#include <algorithm>

namespace swarmcast::sim {

const Store::Slot* Store::slot(uint32_t frame) const {
  const Slot& s = ring_[frame % kRing];
  return s.map.frame == frame && s.count > 0 ? &s : nullptr;
}

bool Store::add(FragmentKey key, Instant now, uint8_t hops) {
  Slot& s = ring_[key.frame % kRing];
  const StreamFrame& frame = stream_[key.frame];
  if (s.count > 0 && s.map.frame > key.frame) return false;
  if (s.count == 0 || s.map.frame != key.frame) s = {.map = {.frame = key.frame, .have = {}}};
  if (s.map.have[key.index]) {
    again += frame.payload;
    return false;
  }
  fresh += frame.payload;
  s.map.have.set(key.index);
  s.hops[key.index] = newest_hops_ = hops;
  if (++s.count == frame.fragments) s.complete_at = now;
  return true;
}

bool Store::has(FragmentKey key) const {
  const Slot* s = slot(key.frame);
  return s && s->map.have[key.index];
}

uint8_t Store::hops(FragmentKey key) const {
  return has(key) ? slot(key.frame)->hops[key.index] : uint8_t{0};
}

const FrameMap* Store::find(uint32_t frame) const {
  const Slot* s = slot(frame);
  return s ? &s->map : nullptr;
}

std::optional<Instant> Store::decodable(uint32_t frame) const {
  Instant ready;
  while (true) {
    const Slot* s = slot(frame);
    if (!s || !s->complete_at) return std::nullopt;
    ready = std::max(ready, *s->complete_at);
    const StreamFrame& shape = stream_[frame];
    if (shape.key) return ready;
    frame -= shape.depends_on;
  }
}

}  // namespace swarmcast::sim
