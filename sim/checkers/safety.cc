#include "sim/checkers/safety.h"

#include <algorithm>
#include <functional>

#include "engine/base/limits.h"
#include "sim/attackers/forger.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

// Viewers only estimate the source's clock.
constexpr Duration kClockError = Duration::millis(100);

// The hops from the source, following whom each says it receives from; nullopt: the way does not
// reach the source within so many.
std::optional<int> true_depth(const World& world, NodeId node, StripeId stripe, int most) {
  for (int hops = 0; hops <= most; ++hops) {
    if (node == 0) return hops;
    const auto parent = world.parent(node, stripe);
    if (!parent) return std::nullopt;
    node = *parent;
  }
  return most + 1;
}

}  // namespace

SafetyChecker::Viewer& SafetyChecker::viewer(NodeId node) {
  if (node >= viewers_.size()) viewers_.resize(node + 1);
  return viewers_[node];
}

void SafetyChecker::report(Instant now, NodeId node, std::string what) {
  violations_.add({now, Property::kSafety, node, std::move(what)});
}

void SafetyChecker::expect_attacks_of(NodeId node) {
  viewer(node).attacker = true;
  attacks_ = true;
}

void SafetyChecker::on_published(Instant now, const EncodedFrame& frame) {
  published_[frame.track.value()].push_back({digest(frame.payload), now});
}

void SafetyChecker::on_sent(Instant now, NodeId from, ByteSpan message) {
  if (message.size() > kMaxMessageSize)
    report(now, from, "sent a message of " + std::to_string(message.size()) + " bytes");
  if (!attacks_ || viewer(from).attacker) return;
  const auto found =
      std::search(message.begin(), message.end(),
                  std::boyer_moore_horspool_searcher(kForgeryMark.begin(), kForgeryMark.end()));
  if (found != message.end()) report(now, from, "passed on what an attacker had altered");
}

void SafetyChecker::on_frame(Instant now, NodeId node, const output::Frame& shown) {
  const EncodedFrame& frame = shown.frame;
  const auto number = frame.number.value();
  const std::string name = "frame " + std::to_string(number);
  const auto& published = published_[frame.track.value() % kMaxTracks];
  if (number >= published.size()) return report(now, node, "shows " + name + ", never published");
  if (published[number].digest != digest(frame.payload))
    report(now, node, "shows other bytes as " + name);
  if (shown.show && shown.present_at - published[number].at > ring_ + kClockError)
    report(now, node, "shows " + name + " when it must have been wiped");
  int64_t& last = viewer(node).last_frame[frame.track.value() % kMaxTracks];
  if (number <= last) report(now, node, "shows " + name + " after " + std::to_string(last));
  last = number;
}

void SafetyChecker::look_at(const World& world) {
  for (NodeId node = 1; node < world.size(); ++node) {
    if (!world.alive(node)) continue;
    const int hop = world.stats(node).hop;
    if (hop > kMaxDepth)
      report(world.now(), node, "says it is " + std::to_string(hop) + " hops from the source");
    // Two that adopt each other would never be seen by what they say.
    for (uint8_t i = 0; i < kStripes; ++i) {
      const auto depth = true_depth(world, node, StripeId(i), kMaxDepth);
      if (depth && *depth > kMaxDepth)
        report(world.now(), node, "is too many hops from the source");
    }
    if (world.links(node) > kMaxLinks)
      report(world.now(), node, "has " + std::to_string(world.links(node)) + " links");
  }
}

}  // namespace swarmcast::sim
