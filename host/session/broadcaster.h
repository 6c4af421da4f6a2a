// The capture side of a session: frames from the media module, handed over on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/frame.h"
#include "host/loop/loop.h"
#include "host/media/media.h"
#include "host/session/session.h"

namespace swarmcast::session {

class Broadcaster final : private media::CaptureSink {
 public:
  // All called on the loop's thread.
  struct Events {
    std::function<void(const media::StreamFormat&)> on_ready;
    std::function<void(const EncodedFrame&, Instant captured)> on_frame;
    std::function<void(const std::string& sentence)> on_notice;
    std::function<void(const std::string& error)> on_end;  // empty: the input has ended
  };

  Broadcaster(Loop& loop, media::Module& module, const MediaInput& input, Events events);
  ~Broadcaster() override;

  void start() { capture_->start(); }
  void request_key_frame() { capture_->request_key_frame(); }
  void set_target(int kbps, bool sound_only) { capture_->set_target(kbps, sound_only); }

 private:
  void on_ready(const media::StreamFormat& format) override;
  void on_video(const media::EncodedUnit& unit) override;
  void on_audio(const media::EncodedUnit& unit) override;
  void on_notice(const std::string& sentence) override;
  void on_end(const std::string& error) override;
  void hand_over(TrackId track, const media::EncodedUnit& unit);

  Loop& loop_;
  // Shared with posted tasks: they may run after this object is gone, and then do nothing.
  std::shared_ptr<Events> events_;
  std::unique_ptr<media::Capture> capture_;
};

}  // namespace swarmcast::session
