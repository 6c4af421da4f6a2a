// A window and a loudspeaker, by SDL.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "host/media/media_thread.h"
#include "host/media/player_output.h"
#include "host/window/sound_buffer.h"
#include "host/window/state.h"

// SDL's. NOLINTBEGIN(readability-identifier-naming)
struct SDL_Window;
struct SDL_Surface;
// NOLINTEND(readability-identifier-naming)

namespace swarmcast::window {

// Draws by the processor, so that no graphics driver is loaded and none keeps a shader cache. Keeps
// the picture's shape at any size; q, Escape or closing the window ends, f is full screen, m is
// mute. All of SDL happens on one thread, but for the sound card's.
class SdlWindow : public media::PlayerOutput {
 public:
  SdlWindow(const media::StreamFormat& format, Callbacks callbacks);
  ~SdlWindow() override;

  void start() override;
  void picture(media::FramePtr frame, uint32_t frame_number, int64_t captured_us) override;
  void sound(const media::PcmPacket& samples, int64_t captured_us, int64_t present_at_us) override;
  int64_t sound_lead_us() const override { return kSoundLead; }
  void show_end() override;

 private:
  static constexpr int64_t kSoundLead = 500'000;  // microseconds

  struct Shown {
    media::FramePtr frame;
    uint32_t number = 0;
    int64_t captured_us = 0;
  };

  void run();
  bool open();
  void open_sound();
  void lose_sound();
  void close_sound();
  void close_all();
  void wake();
  bool handle_events(int timeout_ms);
  bool on_key(int key);
  void update();
  void draw(std::string_view words);
  void draw_picture(SDL_Surface& canvas);
  static void fill_sound(void* self, unsigned char* out, int size);

  const media::StreamFormat format_;
  const Callbacks callbacks_;

  std::mutex mutex_;
  std::optional<Shown> next_;  // not drawn yet
  bool ended_ = false;
  bool stopped_ = false;

  SoundBuffer sound_;
  std::atomic<int64_t> last_sound_us_ = 0;  // 0 = none yet
  std::atomic<bool> muted_ = false;

  // The window thread's own.
  SDL_Window* window_ = nullptr;
  SDL_Surface* canvas_ = nullptr;
  unsigned sound_device_ = 0;
  int64_t sound_latency_us_ = 0;
  Shown current_;
  StreamState state_;
  std::string_view words_;
  bool drawn_muted_ = false;
  bool redraw_ = true;
  media::SwsPtr sws_;
  std::atomic<unsigned> wake_event_ = 0;
  media::MediaThread thread_;  // last: joined first
};

}  // namespace swarmcast::window
