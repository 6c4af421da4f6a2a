#include "engine/chunk/video_playout.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast::chunk {
namespace {

// Frames of these layers are what a later base-layer frame hangs on: T0, and T1, whose only
// reference is a T0.
constexpr uint8_t kLastBaseWitness = 1;
constexpr Duration kTick = Duration::micros(1);

}  // namespace

bool VideoPlayout::on_header(const FrameHeader& header, bool complete, StreamTime now,
                             Duration delay) {
  on_time(now, delay);
  const uint32_t number = header.id.number.value();
  if (window_.empty()) {
    first_seen_at_ = now;
    due_ = number;
  }
  make_room(number);
  FrameSlot* slot = window_.note(header);
  if (slot == nullptr) return false;
  due_ = std::min(due_, number);  // the window may have grown downwards
  if (!complete || slot->complete) return false;
  slot->complete = true;
  if (slot->outcome != Outcome::kMissing) return true;
  // It was due. If it can still be released, release() will call it late.
  const bool passed_over = started_ && number < cursor_;
  set_outcome(*slot, passed_over && is_decodable(number) ? Outcome::kLate : Outcome::kUndecodable);
  return true;
}

void VideoPlayout::on_time(StreamTime now, Duration delay) {
  for (; due_ < window_.end(); ++due_) {
    const FrameSlot& slot = window_.at(due_);
    const StreamTime deadline = slot.capture + delay;
    if (now <= deadline) return;
    if (is_counted(due_, deadline)) account_missed(due_);
  }
}

std::optional<Release> VideoPlayout::next(StreamTime now, Duration delay) {
  on_time(now, delay);
  if (!started_ && !start()) return std::nullopt;
  while (cursor_ < window_.end()) {
    if (window_.at(cursor_).complete && is_decodable(cursor_))
      return release(cursor_++, now, delay);
    if (!give_up(cursor_, now, delay)) return std::nullopt;
    ++cursor_;
  }
  return std::nullopt;
}

StreamTime VideoPlayout::next_timeout(StreamTime now, Duration delay) const {
  StreamTime out = StreamTime::never();
  const auto consider = [&](StreamTime at) {
    if (at > now) out = std::min(out, at);
  };
  if (due_ < window_.end()) consider(window_.at(due_).capture + delay + kTick);
  if (started_ && cursor_ < window_.end()) {
    const StreamTime capture = window_.at(cursor_).capture;
    consider(capture + delay + kTick);
    consider(capture + delay + kKeyPatience + kTick);
    consider(capture + ring_span_ + kTick);
  }
  if (!started_ && !window_.empty()) consider(first_seen_at_ + kFirstKeyPatience + kTick);
  return out;
}

void VideoPlayout::on_decoder_lost() {
  reference_floor_ = cursor_;
  base_broken_ = true;
}

bool VideoPlayout::wants_key(StreamTime now, Duration delay) const {
  if (window_.empty() || key_in_sight(now, delay)) return false;
  if (!started_) return now > first_seen_at_ + kFirstKeyPatience;
  return base_broken_ || base_is_blocked(now, delay);
}

// Accounts for and forgets what falls out of the window when `number` enters it.
void VideoPlayout::make_room(uint32_t number) {
  const uint32_t begin = window_.begin_with(number);
  const uint32_t kept = std::min(begin, window_.end());
  for (; due_ < kept; ++due_)
    if (shown_ && due_ >= first_shown_) account_missed(due_);
  if (due_ < begin) {  // a gap longer than the window: never seen at all
    if (shown_) {
      counts_.missing += begin - due_;
      counts_.expected += begin - due_;
    }
    due_ = begin;
  }
  if (started_) cursor_ = std::max(cursor_, begin);
}

// The frame is due or beyond hope.
void VideoPlayout::account_missed(uint32_t number) {
  FrameSlot& slot = window_.at(number);
  if (slot.outcome == Outcome::kOpen && !slot.released)
    set_outcome(slot, slot.complete ? Outcome::kUndecodable : Outcome::kMissing);
}

void VideoPlayout::set_outcome(FrameSlot& slot, Outcome outcome) {
  if (slot.outcome == Outcome::kOpen)
    ++counts_.expected;
  else
    --tally(slot.outcome);
  slot.outcome = outcome;
  ++tally(outcome);
}

uint64_t& VideoPlayout::tally(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOnTime:
      return counts_.on_time;
    case Outcome::kLate:
      return counts_.late;
    case Outcome::kMissing:
      return counts_.missing;
    case Outcome::kUndecodable:
      return counts_.undecodable;
    case Outcome::kOpen:
      break;
  }
  check_failed("an open frame is not counted", __FILE__, __LINE__);
}

// Counting starts with the first frame whose moment comes when a picture is on the screen.
bool VideoPlayout::is_counted(uint32_t number, StreamTime deadline) const {
  return shown_ && number >= first_shown_ && deadline >= counting_since_;
}

// Starts with the newest complete key.
bool VideoPlayout::start() {
  for (uint32_t n = window_.end(); n > window_.begin(); --n) {
    const FrameSlot& slot = window_.at(n - 1);
    if (!slot.key || !slot.complete) continue;
    cursor_ = n - 1;
    started_ = true;
    return true;
  }
  return false;
}

Release VideoPlayout::release(uint32_t number, StreamTime now, Duration delay) {
  FrameSlot& slot = window_.at(number);
  slot.released = true;
  if (slot.key || slot.temporal_id == 0) base_broken_ = false;
  const StreamTime deadline = slot.capture + delay;
  const bool in_time = now <= deadline;
  const bool show = in_time || !newer_is_due(number, now, delay);
  if (show && !shown_) {
    shown_ = true;
    first_shown_ = number;
    counting_since_ = now;
  }
  if (slot.outcome != Outcome::kOpen)
    set_outcome(slot, Outcome::kLate);
  else if (is_counted(number, deadline))
    set_outcome(slot, in_time ? Outcome::kOnTime : Outcome::kLate);
  last_present_at_ = std::max({last_present_at_, deadline, now});
  return {.frame = {kVideoTrack, FrameNumber(number)},
          .present_at = last_present_at_,
          .show = show,
          .late = !in_time || slot.outcome == Outcome::kLate};
}

// Whether the frame at the cursor, which cannot be released now, is passed over.
bool VideoPlayout::give_up(uint32_t number, StreamTime now, Duration delay) {
  const FrameSlot& slot = window_.at(number);
  if (slot.seen && !is_decodable(number)) {
    if (slot.temporal_id <= kLastBaseWitness) base_broken_ = true;
    return true;
  }
  if (now <= slot.capture + delay) return false;
  return now > slot.capture + ring_span_ || later_decodable(number);
}

// By what is released so far.
bool VideoPlayout::is_decodable(uint32_t number) const {
  const FrameSlot& slot = window_.at(number);
  if (slot.key) return true;
  const uint32_t reference = number - slot.depends_on;
  return slot.seen && slot.depends_on <= number && reference >= reference_floor_ &&
         window_.contains(reference) && window_.at(reference).released;
}

bool VideoPlayout::later_decodable(uint32_t number) const {
  for (uint32_t n = number + 1; n < window_.end(); ++n)
    if (window_.at(n).complete && is_decodable(n)) return true;
  return false;
}

// Whether a complete frame after `number`, decodable once that is, has had its moment too: then
// showing this one would only flash by.
bool VideoPlayout::newer_is_due(uint32_t number, StreamTime now, Duration delay) {
  for (uint32_t n = number + 1; n < window_.end(); ++n) {
    FrameSlot& slot = window_.at(n);
    const bool follows = slot.depends_on > 0 && slot.depends_on < n - number &&
                         window_.at(n - slot.depends_on).reachable;
    slot.reachable = slot.complete && (follows || is_decodable(n));
    if (slot.reachable && slot.capture + delay <= now) return true;
  }
  return false;
}

// An overdue frame is missing that the base layer hangs on.
bool VideoPlayout::base_is_blocked(StreamTime now, Duration delay) const {
  if (cursor_ >= window_.end()) return false;
  const FrameSlot& slot = window_.at(cursor_);
  if (slot.complete || now <= slot.capture + delay + kKeyPatience) return false;
  if (slot.seen && slot.temporal_id == 0) return true;
  for (uint32_t n = cursor_ + 1; n < window_.end(); ++n) {
    const FrameSlot& later = window_.at(n);
    if (later.complete && later.temporal_id <= kLastBaseWitness && !is_decodable(n)) return true;
  }
  return false;
}

bool VideoPlayout::key_in_sight(StreamTime now, Duration delay) const {
  for (uint32_t n = std::max(started_ ? cursor_ : 0, window_.begin()); n < window_.end(); ++n) {
    const FrameSlot& slot = window_.at(n);
    if (slot.key && (slot.complete || now <= slot.capture + delay + kKeyPatience)) return true;
  }
  return false;
}

}  // namespace swarmcast::chunk
