#include "host/session/viewer.h"

namespace swarmcast::session {

namespace {

constexpr Duration kQuiet = Duration::millis(1'500);  // without a picture, while sound comes

media::PlayerOptions::Output output_of(Sink sink) {
  switch (sink) {
    case Sink::kWindow:
      return media::PlayerOptions::Output::kWindow;
    case Sink::kStdout:
      return media::PlayerOptions::Output::kNut;
    case Sink::kNone:
    case Sink::kTimed:
    case Sink::kNull:
      break;
  }
  return media::PlayerOptions::Output::kNull;
}

}  // namespace

Viewer::Viewer(Loop& loop, media::Module& module, Sink sink, const StreamDescription& stream,
               Events events)
    : loop_(loop),
      has_picture_(stream.codec != VideoCodec::kNone),
      events_(std::make_shared<Events>(std::move(events))) {
  media::PlayerOptions options;
  options.output = output_of(sink);
  options.format = {.width = stream.width,
                    .height = stream.height,
                    .fps = stream.fps,
                    .audio_channels = stream.audio_channels,
                    .codec = stream.codec};
  player_ = module.create_player(options, *this);
  player_->start();
}

void Viewer::play(const EncodedFrame& frame, Instant present_at, bool show) {
  const media::EncodedUnit unit{.payload = frame.payload,
                                .key = frame.key,
                                .temporal_id = frame.temporal_id,
                                .index_in_chunk = frame.index_in_chunk,
                                .depends_on = frame.depends_on,
                                .captured_us = frame.capture.us()};
  (frame.track == kVideoTrack ? last_picture_ : last_sound_) = Loop::now();
  if (frame.track == kVideoTrack)
    player_->decode_video(unit, frame.number.value(), present_at.us(), show);
  else
    player_->decode_audio(unit, frame.number.value(), present_at.us());
}

bool Viewer::sound_only(Instant now) const {
  const auto fresh = [now](const std::optional<Instant>& at) { return at && now - *at < kQuiet; };
  return has_picture_ && fresh(last_sound_) && !fresh(last_picture_) && last_picture_;
}

void Viewer::on_presented(uint32_t, int64_t captured_us, int64_t presented_us) {
  loop_.post([weak = std::weak_ptr(events_), captured_us, presented_us] {
    if (const auto events = weak.lock())
      events->on_presented(StreamTime::from_us(captured_us), Instant::from_us(presented_us));
  });
}

void Viewer::on_need_key_frame() {
  loop_.post([weak = std::weak_ptr(events_)] {
    if (const auto events = weak.lock()) events->on_need_key_frame();
  });
}

void Viewer::on_error(const std::string& sentence) {
  loop_.post([weak = std::weak_ptr(events_), sentence] {
    if (const auto events = weak.lock()) events->on_error(sentence);
  });
}

void Viewer::on_notice(const std::string& sentence) {
  loop_.post([weak = std::weak_ptr(events_), sentence] {
    if (const auto events = weak.lock()) events->on_notice(sentence);
  });
}

void Viewer::on_closed() {
  loop_.post([weak = std::weak_ptr(events_)] {
    if (const auto events = weak.lock()) events->on_closed();
  });
}

}  // namespace swarmcast::session
