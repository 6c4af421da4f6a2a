#include "host/session/broadcaster.h"

#include <vector>

namespace swarmcast::session {

Broadcaster::Broadcaster(Loop& loop, media::Module& module, const MediaInput& input, Events events)
    : loop_(loop), events_(std::make_shared<Events>(std::move(events))) {
  media::CaptureOptions options;
  options.input = input.spec;
  options.width = input.width;
  options.height = input.height;
  options.fps = input.fps;
  options.bitrate_kbps = input.bitrate_kbps;
  options.codec = input.codec;
  options.sound = input.sound;
  options.return_seconds = input.return_seconds;
  capture_ = module.create_capture(options, *this);
}

Broadcaster::~Broadcaster() { capture_->stop(); }

void Broadcaster::on_ready(const media::StreamFormat& format) {
  loop_.post([weak = std::weak_ptr(events_), format] {
    if (const auto events = weak.lock()) events->on_ready(format);
  });
}

void Broadcaster::hand_over(TrackId track, const media::EncodedUnit& unit) {
  EncodedFrame frame{.track = track,
                     .index_in_chunk = unit.index_in_chunk,
                     .temporal_id = unit.temporal_id,
                     .key = unit.key,
                     .depends_on = unit.depends_on};
  std::vector<uint8_t> payload(unit.payload.begin(), unit.payload.end());
  loop_.post([weak = std::weak_ptr(events_), frame, payload = std::move(payload),
              captured = Instant::from_us(unit.captured_us)]() mutable {
    frame.payload = payload;
    if (const auto events = weak.lock()) events->on_frame(frame, captured);
  });
}

void Broadcaster::on_video(const media::EncodedUnit& unit) { hand_over(kVideoTrack, unit); }
void Broadcaster::on_audio(const media::EncodedUnit& unit) { hand_over(kAudioTrack, unit); }

void Broadcaster::on_notice(const std::string& sentence) {
  loop_.post([weak = std::weak_ptr(events_), sentence] {
    if (const auto events = weak.lock()) events->on_notice(sentence);
  });
}

void Broadcaster::on_end(const std::string& error) {
  loop_.post([weak = std::weak_ptr(events_), error] {
    if (const auto events = weak.lock()) events->on_end(error);
  });
}

}  // namespace swarmcast::session
