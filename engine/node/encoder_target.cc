#include "engine/node/encoder_target.h"

#include <algorithm>

namespace swarmcast::node {
namespace {

// Viewers whose links may be too slow for the stream.
constexpr double kLeftBehind = 0.25;
// Of what a link carries; the rest is for key frames, and to find out whether it carries more.
constexpr double kFill = 0.9;
constexpr Duration kCostPeriod = Duration::seconds(1);
constexpr double kCostGain = 0.3;
constexpr double kLeastCost = 1.1, kMostCost = 2;
constexpr Duration kBetweenRises = Duration::millis(400);
constexpr double kFastestRise = 1.4;  // above kFirstTarget
constexpr Duration kBetweenFalls = Duration::millis(50);
constexpr double kLeastChange = 0.04;
// Reports take a second or so from the leaves to the source.
constexpr Duration kSwarmPeriod = Duration::seconds(1);
constexpr double kSwarmFall = 0.85, kSwarmRise = 1.03, kLeastSwarm = 0.05;
// The picture comes back where this much more than its lowest rate fits, and not at once.
constexpr double kPictureMargin = 1.5;
constexpr Duration kSoundOnlyAtLeast = Duration::seconds(2);

DataRate scaled(DataRate rate, double factor) {
  return DataRate::bps(static_cast<int64_t>(static_cast<double>(rate.bps()) * factor));
}

}  // namespace

double streams_of(const std::vector<ChildRoom>& children) {
  double sum = 0;
  for (const ChildRoom& child : children) sum += child.share;
  return sum;
}

DataRate stream_room(DataRate node_rate, std::vector<ChildRoom> children) {
  const double streams = std::max(streams_of(children), 1.0);
  for (ChildRoom& child : children) child.rate = scaled(child.rate, 1 / child.share);
  std::ranges::sort(children, {}, &ChildRoom::rate);
  uint64_t viewers = 0;
  for (const ChildRoom& child : children) viewers += child.viewers;
  uint64_t behind = 0;
  const DataRate room = scaled(node_rate, 1 / streams);
  for (const ChildRoom& child : children) {
    behind += child.viewers;
    if (static_cast<double>(behind) <= kLeftBehind * static_cast<double>(viewers)) continue;
    return std::min(room, child.rate);
  }
  return room;
}

void EncoderTarget::on_traffic(Instant now, uint64_t encoded, uint64_t sound, uint64_t sent,
                               double streams) {
  if (now - costed_at_ < kCostPeriod) return;
  if (encoded > encoded_ && sent > sent_ && streams > 0) {
    const double cost =
        static_cast<double>(sent - sent_) / (static_cast<double>(encoded - encoded_) * streams);
    cost_ += (std::clamp(cost, kLeastCost, kMostCost) - cost_) * kCostGain;
  }
  sound_rate_ = DataRate::of(static_cast<int64_t>(sound - sound_), now - costed_at_);
  costed_at_ = now;
  encoded_ = encoded;
  sound_ = sound;
  sent_ = sent;
}

// Where relays cannot pass on what we could send, we send less, until most can.
void EncoderTarget::follow_swarm(Instant now, double shed) {
  if (now - swarm_at_ < kSwarmPeriod) return;
  swarm_at_ = now;
  const bool sheds = shed > kLeftBehind;
  if (!sheds)
    swarm_ = std::min(swarm_ * kSwarmRise, 1.0);
  else if (swarm_shed_)
    swarm_ = std::max(swarm_ * kSwarmFall, kLeastSwarm);
  swarm_shed_ = sheds;
}

std::optional<output::EncoderHint> EncoderTarget::update(Instant now, std::optional<DataRate> room,
                                                         double shed) {
  follow_swarm(now, shed);
  output::EncoderHint hint{.target = most_};
  if (room) {
    const DataRate all = scaled(*room, kFill / cost_);
    hint.target = scaled(std::min(most_, DataRate::bps(all.bps() - sound_rate_.bps())), swarm_);
  }
  const bool was_sound_only = last_ && last_->sound_only;
  const DataRate least =
      was_sound_only ? scaled(kLowestPictureRate, kPictureMargin) : kLowestPictureRate;
  hint.sound_only = has_sound_ && hint.target < std::min(least, most_);
  if (!has_sound_) hint.target = std::max(hint.target, std::min(kLowestPictureRate, most_));
  if (!last_) {
    hint.target = std::min(hint.target, kFirstTarget);
    last_ = hint;
    changed_at_ = now;
    return hint.target == most_ ? std::nullopt : last_;
  }
  hint.target = std::min(hint.target, std::max(scaled(last_->target, kFastestRise), kFirstTarget));
  const bool falls = hint.target < last_->target;
  const Duration wait = was_sound_only ? kSoundOnlyAtLeast : falls ? kBetweenFalls : kBetweenRises;
  const auto change = static_cast<double>((hint.target.bps() - last_->target.bps()));
  const double least_change = kLeastChange * static_cast<double>(last_->target.bps());
  const bool enough = hint.sound_only != last_->sound_only || change > least_change ||
                      -change > least_change || (hint.target == most_ && change > 0);
  if (!enough || now - changed_at_ < wait) return std::nullopt;
  last_ = hint;
  changed_at_ = now;
  return hint;
}

}  // namespace swarmcast::node
