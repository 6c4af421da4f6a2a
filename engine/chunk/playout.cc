#include "engine/chunk/playout.h"

#include <algorithm>

namespace swarmcast::chunk {

PlayoutBuffer::PlayoutBuffer(const PlayoutOptions& options)
    : delay_(options.fixed), video_(options.ring_span) {}

void PlayoutBuffer::on_frame_seen(const FrameHeader& header, StreamTime now) {
  note(header, false, now);
}

void PlayoutBuffer::on_frame_complete(const FrameHeader& header, StreamTime now) {
  // Judged by the delay that was in force when it was due; then the delay may grow.
  if (note(header, true, now) && header.capture >= *live_since_)
    delay_.on_complete(now - header.capture, now);
}

void PlayoutBuffer::on_time(StreamTime now) {
  video_.on_time(now, delay_.current());
  delay_.on_time(now);
}

std::optional<Release> PlayoutBuffer::next(StreamTime now) {
  on_time(now);
  if (auto release = audio_.next(now, delay_.current())) return release;
  return video_.next(now, delay_.current());
}

StreamTime PlayoutBuffer::next_timeout(StreamTime now) const {
  return std::min(video_.next_timeout(now, delay_.current()),
                  audio_.next_timeout(now, delay_.current()));
}

// True if this completes the frame.
bool PlayoutBuffer::note(const FrameHeader& header, bool complete, StreamTime now) {
  if (!live_since_) live_since_ = now;
  if (header.id.track == kVideoTrack)
    return video_.on_header(header, complete, now, delay_.current());
  return header.id.track == kAudioTrack && audio_.on_header(header, complete);
}

}  // namespace swarmcast::chunk
