// The presenting side of a session: frames to the media module, its words back on the loop's
// thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/frame.h"
#include "host/loop/loop.h"
#include "host/media/media.h"
#include "host/session/session.h"

namespace swarmcast::session {

class Viewer final : private media::PlayerSink {
 public:
  // All called on the loop's thread.
  struct Events {
    std::function<void(StreamTime capture, Instant presented)> on_presented;
    std::function<void()> on_need_key_frame;
    std::function<void(const std::string& sentence)> on_error;
    std::function<void()> on_closed;  // the window was closed
    std::function<void(const std::string& sentence)> on_notice;
  };

  Viewer(Loop& loop, media::Module& module, Sink sink, const StreamDescription& stream,
         Events events);

  void play(const EncodedFrame& frame, Instant present_at, bool show);
  void show_end() { player_->show_end(); }
  // Sound comes, but the picture that belongs to it has not for a while.
  bool sound_only(Instant now) const;

 private:
  void on_presented(uint32_t frame_number, int64_t captured_us, int64_t presented_us) override;
  void on_need_key_frame() override;
  void on_error(const std::string& sentence) override;
  void on_closed() override;
  void on_notice(const std::string& sentence) override;

  Loop& loop_;
  const bool has_picture_;
  std::optional<Instant> last_picture_, last_sound_;
  std::shared_ptr<Events> events_;  // as in Broadcaster
  std::unique_ptr<media::Player> player_;
};

}  // namespace swarmcast::session
