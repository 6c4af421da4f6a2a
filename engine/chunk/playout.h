// Which frame goes to the decoder next, and when its picture is due.
#pragma once

#include <optional>

#include "engine/base/frame.h"
#include "engine/base/frame_counts.h"
#include "engine/chunk/audio_playout.h"
#include "engine/chunk/playout_delay.h"
#include "engine/chunk/video_playout.h"

namespace swarmcast::chunk {

struct PlayoutOptions {
  std::optional<Duration> fixed;  // playout delay; none: automatic
  Duration ring_span = kDefaultRingSpan;
};

// One viewer's video and audio track on one clock: the source's, as this viewer estimates it.
//
// A video frame is released as soon as it is complete, everything before it is released or given
// up, and its reference was released. An incomplete frame is waited for until its own deadline
// (capture + playout delay), and beyond as long as nothing later is decodable without it. Playing
// starts with the newest complete key; frames whose moment has passed are released for reference
// only, but for the newest one, which is shown at once.
//
//   playout.on_frame_complete(header, now);
//   while (auto release = playout.next(now)) ...
//   call on_time(now) and next(now) again at next_timeout(now).
class PlayoutBuffer {
 public:
  explicit PlayoutBuffer(const PlayoutOptions& options);

  // A frame's first fragment came. Optional, but it tells the frame's deadline and whether a key
  // is under way. Frames of tracks other than kVideoTrack and kAudioTrack are ignored.
  void on_frame_seen(const FrameHeader& header, StreamTime now);
  // All that is needed to decode the frame is here. Only the first call counts.
  void on_frame_complete(const FrameHeader& header, StreamTime now);
  void on_time(StreamTime now);

  // In decode order within a track; none until more comes or next_timeout().
  std::optional<Release> next(StreamTime now);
  // After `now`; never() if only a frame can change anything.
  StreamTime next_timeout(StreamTime now) const;

  // The decoder has lost its state: nothing but a key is decodable.
  void on_decoder_lost() { video_.on_decoder_lost(); }
  // The chain of references is broken and no key is complete or under way.
  bool wants_key(StreamTime now) const { return video_.wants_key(now, delay_.current()); }

  Duration playout_delay() const { return delay_.current(); }
  // Identity: expected == on_time + late + missing + undecodable, at any moment. A missing frame
  // becomes late or undecodable if it completes after all.
  const FrameCounts& counts() const { return video_.counts(); }

 private:
  bool note(const FrameHeader& header, bool complete, StreamTime now);

  PlayoutDelay delay_;
  VideoPlayout video_;
  AudioPlayout audio_;
  std::optional<StreamTime> live_since_;  // what was captured before belongs to the catch-up
};

}  // namespace swarmcast::chunk
