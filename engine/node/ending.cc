// The end, in good order: the source's tombstone reaches everybody, what is on its way is still
// shown and repaired, then each leaves its parent, leaves first.
#include "engine/node/node.h"

namespace swarmcast::node {

namespace {
// How long a goodbye may take to be sent.
constexpr Duration kFarewell = Duration::millis(150);
// Beyond the time that the last frame needs to be presented everywhere.
constexpr Duration kEndSlack = Duration::seconds(1);
}  // namespace

void Node::end(Instant now, output::EndReason reason) {
  if (ending_ || finished_) return;
  ending_ = reason;
  const bool drains = trust_.ended();
  ending_at_ = now + (drains ? horizon() + kEndSlack : kFarewell);
  for (const auto& link : links_) {
    if (!link->proven) continue;
    if (drains && link->is_child())
      say(*link, *trust_.tombstone());
    else if (!drains)
      say(*link, wire::body::Leave{});
  }
}

void Node::on(Instant now, const input::Stop&) {
  if (ending_) {  // asked twice: at once
    ending_at_ = now;
    return;
  }
  if (publisher_ && trust_.known()) trust_.on_tombstone(publisher_->tombstone());
  end(now, output::EndReason::kStopped);
}

// With children we stay until they have gone, for repairs; a viewer until its last frame is due.
bool Node::may_finish(Instant now) const {
  if (now >= ending_at_) return true;
  if (!trust_.ended()) return false;
  for (const auto& link : links_)
    if (link->fed) return false;
  if (!screen_) return true;
  const auto time = stream_time(now);
  const auto newest = store_.newest(kVideoTrack);
  const repair::FrameState* last = newest ? store_.frame({kVideoTrack, *newest}) : nullptr;
  return time && last && last->header.capture + screen_->playout_delay() < *time &&
         screen_->next_wanted() > trust_.tombstone()->last_frame;
}

void Node::finish(Instant now) {
  finished_ = true;
  for (const auto& link : links_) {
    if (link->proven && trust_.ended()) say(*link, wire::body::Leave{});
    if (link->proven) serve_control(now, *link);
    emit(output::CloseLink{link->id});
  }
  links_.clear();
  emit(output::Ended{*ending_});
  store_.wipe();
  trust_.wipe();
  if (screen_) screen_->wipe();
}

}  // namespace swarmcast::node
