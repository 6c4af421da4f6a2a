// What a source's encoder should aim at, from what its links carry.
#pragma once

#include <optional>
#include <vector>

#include "engine/api/output.h"
#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::node {

// Below this a picture is not worth its bytes: sound only.
inline constexpr DataRate kLowestPictureRate = DataRate::kbps(100);

// A stream begins with no more than this: what there is room for is not known yet.
inline constexpr DataRate kFirstTarget = DataRate::kbps(2'000);

// One child of the source.
struct ChildRoom {
  DataRate rate;         // that its link carries
  uint32_t viewers = 1;  // it and those below it
  double share = 1;      // of the stream, that it gets from us
};

// Whole streams that they get in all.
double streams_of(const std::vector<ChildRoom>& children);

// The rate that the stream may have on its way, headers and repairs included: an equal share of the
// node's rate, and no more than what the links to most viewers carry. A few behind slow links get
// fewer layers instead.
DataRate stream_room(DataRate node_rate, std::vector<ChildRoom> children);

class EncoderTarget {
 public:
  // `most` for the picture. Without sound there is always a picture, however bad.
  EncoderTarget(DataRate most, bool has_sound) : most_(most), has_sound_(has_sound) {}

  // Of the stream so far: bytes that the encoders gave, of these for sound, and bytes of messages
  // that this made for all children, sent or not; `streams` they get as of now.
  void on_traffic(Instant now, uint64_t encoded, uint64_t sound, uint64_t sent, double streams);
  // A hint if it differs from the last one by enough. `room` none: nobody is fed. `shed`: the share
  // of viewers anywhere whom not all layers reach.
  std::optional<output::EncoderHint> update(Instant now, std::optional<DataRate> room,
                                            double shed = 0);

  DataRate target() const { return last_ ? last_->target : most_; }

 private:
  void follow_swarm(Instant now, double shed);

  DataRate most_;
  bool has_sound_;
  double swarm_ = 1;  // the share of our room that those further down have
  Instant swarm_at_;
  bool swarm_shed_ = false;  // at swarm_at_
  double cost_ = 1.25;       // bytes sent for one of the encoder
  Instant costed_at_;
  uint64_t encoded_ = 0, sound_ = 0, sent_ = 0;  // at costed_at_
  DataRate sound_rate_;
  std::optional<output::EncoderHint> last_;
  Instant changed_at_;
};

}  // namespace swarmcast::node
