#include "host/window/sdl_window.h"

#define SDL_MAIN_HANDLED  // NOLINT(readability-identifier-naming): SDL's
#include <SDL.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "host/media/clock.h"
#include "host/window/environment.h"
#include "host/window/screen_text.h"
#include "host/window/wayland_seat.h"

namespace swarmcast::window {
namespace {

constexpr char kTitle[] = "swarmcast";  // no name, no invite: others see the screen
constexpr int kFirstWidth = 960;        // of the window, of a picture that is smaller
constexpr int kSoundSamples = 512;      // 11 ms, what the card asks for at once; a power of two
constexpr int kSoundBuffers = 2;        // that are heard before what we give now
constexpr int kTickMs = 250;            // how soon a state is noticed without an event
constexpr int kMinWindowSide = 64;
constexpr uint32_t kCanvasFormat = SDL_PIXELFORMAT_RGB888;  // 0x00RRGGBB

constexpr char kNoSeat[] =
    "the Wayland compositor does not answer, or has neither keyboard nor mouse";

struct Box {
  int left, top, width, height;
};

// The largest box of the picture's shape within the window.
Box fit(int width, int height, int window_width, int window_height) {
  const double scale = std::min(static_cast<double>(window_width) / width,
                                static_cast<double>(window_height) / height);
  const int w = std::clamp(static_cast<int>(width * scale), 1, window_width);
  const int h = std::clamp(static_cast<int>(height * scale), 1, window_height);
  return {(window_width - w) / 2, (window_height - h) / 2, w, h};
}

// Not what SDL falls back to: a console, or a screen that nobody sees. SDL_VIDEODRIVER overrides.
// False, with SDL's error set: there is none that works.
bool choose_video_driver() {
  const char* const wished = std::getenv("SDL_VIDEODRIVER");
  const bool wishes_wayland = wished && std::strstr(wished, "wayland") != nullptr;
  const auto set = [](const char* name) {
    const char* const value = std::getenv(name);
    return value && *value;
  };
  const bool offers_wayland = set("WAYLAND_DISPLAY");
  if (wished && *wished && !wishes_wayland) return true;
  const bool wayland = (wishes_wayland || offers_wayland) && wayland_has_seat();
  if (wishes_wayland) {
    if (!wayland) SDL_SetError("%s", kNoSeat);
    return wayland;
  }
  if (offers_wayland && !wayland && !set("DISPLAY")) {
    SDL_SetError("%s", kNoSeat);
    return false;
  }
  SDL_SetHint(SDL_HINT_VIDEODRIVER, wayland ? "x11,wayland" : "x11");
  return true;
}

std::string reason() { return std::string(" (") + SDL_GetError() + ")"; }

}  // namespace

SdlWindow::SdlWindow(const media::StreamFormat& format, Callbacks callbacks)
    : format_(format), callbacks_(std::move(callbacks)) {
  state_.has_picture_track = format.codec != VideoCodec::kNone;
}

SdlWindow::~SdlWindow() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake();
}

void SdlWindow::start() {
  keep_libraries_from_writing();
  thread_ = media::MediaThread("media-window", [this] { run(); });
}

void SdlWindow::picture(media::FramePtr frame, uint32_t frame_number, int64_t captured_us) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    next_ = Shown{std::move(frame), frame_number, captured_us};
  }
  wake();
}

void SdlWindow::sound(const media::PcmPacket& samples, int64_t, int64_t present_at_us) {
  last_sound_us_ = media::monotonic_us();
  if (!muted_) sound_.push(samples, present_at_us);
}

void SdlWindow::show_end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    next_.reset();
  }
  wake();
}

void SdlWindow::wake() {
  const unsigned type = wake_event_;
  if (type == 0) return;  // not open: nothing to wake
  SDL_Event event{};
  event.type = type;
  SDL_PushEvent(&event);
}

bool SdlWindow::open() {
  SDL_SetMainReady();
  SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
  SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
  SDL_SetHint(SDL_HINT_APP_NAME, kTitle);
  if (!choose_video_driver() || SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) return false;
  // Wayland has no other way to show what the processor draws.
  const bool wayland = std::strcmp(SDL_GetCurrentVideoDriver(), "wayland") == 0;
  SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, wayland ? "1" : "0");
  SDL_StopTextInput();  // no input method is needed for a few keys
  SDL_DisableScreenSaver();
  const int width = std::max(format_.width, kFirstWidth);
  const int height = format_.width > 0 ? width * format_.height / format_.width : width * 9 / 16;
  window_ = SDL_CreateWindow(kTitle, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width,
                             std::max(height, kMinWindowSide), SDL_WINDOW_RESIZABLE);
  if (!window_ || !SDL_GetWindowSurface(window_)) return false;
  SDL_SetWindowMinimumSize(window_, kMinWindowSide, kMinWindowSide);
  wake_event_ = SDL_RegisterEvents(1);
  return true;
}

// A window without sound is better than none. SDL's own choice of a driver would try some that make
// files.
void SdlWindow::open_sound() {
  if (format_.audio_channels == 0) return;
  silence_alsa();
  const char* const wished = std::getenv("SDL_AUDIODRIVER");
  const char* const drivers[] = {wished, pulse_is_there() ? "pulseaudio" : nullptr, "alsa"};
  for (const char* driver : drivers) {
    if (!driver || SDL_AudioInit(driver) != 0) continue;
    SDL_AudioSpec spec{};
    spec.freq = media::kAudioSampleRate;
    spec.format = AUDIO_S16SYS;
    spec.channels = 1;
    spec.samples = kSoundSamples;
    spec.callback = &SdlWindow::fill_sound;
    spec.userdata = this;
    SDL_AudioSpec had{};
    sound_device_ = SDL_OpenAudioDevice(nullptr, 0, &spec, &had, 0);
    if (sound_device_ != 0) {
      sound_latency_us_ =
          int64_t{kSoundBuffers} * had.samples * 1'000'000 / media::kAudioSampleRate;
      SDL_PauseAudioDevice(sound_device_, 0);
      return;
    }
    SDL_AudioQuit();
    if (driver == wished) break;
  }
  callbacks_.notice("No sound card could be opened" + reason() + ": you see the picture only.");
}

// It was pulled out, or the sound server has died.
void SdlWindow::lose_sound() {
  close_sound();
  callbacks_.notice(
      "The sound card has gone: you see the picture only. To hear the sound, start again.");
}

void SdlWindow::close_sound() {
  if (sound_device_ == 0) return;
  SDL_CloseAudioDevice(sound_device_);
  SDL_AudioQuit();
  sound_device_ = 0;
}

void SdlWindow::fill_sound(void* self, unsigned char* out, int size) {
  auto& window = *static_cast<SdlWindow*>(self);
  const std::span samples(reinterpret_cast<int16_t*>(out), static_cast<size_t>(size) / 2);
  window.sound_.pull(samples, media::monotonic_us() + window.sound_latency_us_);
}

void SdlWindow::run() {
  if (!open()) {
    const std::string why = reason();
    close_all();
    return callbacks_.failed("No window could be opened" + why +
                             ". Run it on a desktop, or watch with --out - or --out null.");
  }
  open_sound();
  while (handle_events(kTickMs)) update();
  close_all();
}

// What was on the screen is not left in memory that others get next.
void SdlWindow::close_all() {
  wake_event_ = 0;
  close_sound();
  if (canvas_) {
    explicit_bzero(canvas_->pixels, static_cast<size_t>(canvas_->pitch) * canvas_->h);
    SDL_FreeSurface(canvas_);
  }
  if (window_) {
    if (SDL_Surface* surface = SDL_GetWindowSurface(window_))
      SDL_FillRect(surface, nullptr, SDL_MapRGB(surface->format, 0, 0, 0));
    SDL_DestroyWindow(window_);
  }
  if (SDL_WasInit(SDL_INIT_VIDEO)) SDL_QuitSubSystem(SDL_INIT_VIDEO);
  sws_.reset();
  current_ = {};
}

// False: it is over.
bool SdlWindow::handle_events(int timeout_ms) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    if (next_) timeout_ms = 0;
  }
  SDL_Event event;
  for (bool more = SDL_WaitEventTimeout(&event, timeout_ms) == 1; more;
       more = SDL_PollEvent(&event) == 1) {
    if (event.type == SDL_WINDOWEVENT) redraw_ = true;
    if (event.type == SDL_AUDIODEVICEREMOVED && event.adevice.which == sound_device_) lose_sound();
    const bool quits =
        event.type == SDL_QUIT || (event.type == SDL_KEYDOWN && !on_key(event.key.keysym.sym));
    if (!quits) continue;
    SDL_HideWindow(window_);
    callbacks_.closed();
  }
  const std::lock_guard lock(mutex_);
  return !stopped_;
}

// False: the key means the end.
bool SdlWindow::on_key(int key) {
  if (key == SDLK_f) {
    const bool full = (SDL_GetWindowFlags(window_) & SDL_WINDOW_FULLSCREEN) != 0;
    SDL_SetWindowFullscreen(window_, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
    SDL_ShowCursor(full ? SDL_ENABLE : SDL_DISABLE);
  }
  if (key == SDLK_m) muted_ = !muted_;
  return key != SDLK_q && key != SDLK_ESCAPE;
}

// Draws if there is something new to show.
void SdlWindow::update() {
  const int64_t now = media::monotonic_us();
  bool fresh = false;
  {
    const std::lock_guard lock(mutex_);
    if (next_) {
      current_ = std::move(*next_);
      next_.reset();
      state_.last_picture_us = now;
      fresh = true;
    }
    state_.ended = ended_;
  }
  if (const int64_t at = last_sound_us_; at != 0) state_.last_sound_us = at;
  if (state_.ended) current_ = {};
  const std::string_view words = words_for(state_, now);
  if (!fresh && !redraw_ && words == words_ && muted_ == drawn_muted_) return;
  words_ = words;
  drawn_muted_ = muted_;
  redraw_ = false;
  draw(words);
  if (fresh && current_.frame) callbacks_.presented(current_.number, current_.captured_us);
}

void SdlWindow::draw(std::string_view words) {
  SDL_Surface* const surface = SDL_GetWindowSurface(window_);  // another one after a resize
  if (!surface) return;
  if (!canvas_ || canvas_->w != surface->w || canvas_->h != surface->h) {
    SDL_FreeSurface(canvas_);
    canvas_ = SDL_CreateRGBSurfaceWithFormat(0, surface->w, surface->h, 32, kCanvasFormat);
    if (!canvas_) return;
  }
  draw_picture(*canvas_);
  const Canvas canvas{static_cast<uint32_t*>(canvas_->pixels),
                      static_cast<size_t>(canvas_->pitch) / sizeof(uint32_t), canvas_->w,
                      canvas_->h};
  write_text(canvas, words);
  if (drawn_muted_) write_text(canvas, "MUTED", true);
  SDL_BlitSurface(canvas_, nullptr, surface, nullptr);
  SDL_UpdateWindowSurface(window_);
}

void SdlWindow::draw_picture(SDL_Surface& canvas) {
  const AVFrame* const frame = current_.frame.get();
  if (!frame) {
    SDL_FillRect(&canvas, nullptr, 0);
    return;
  }
  const Box box = fit(frame->width, frame->height, canvas.w, canvas.h);
  if (box.width != canvas.w || box.height != canvas.h) SDL_FillRect(&canvas, nullptr, 0);
  sws_.reset(sws_getCachedContext(sws_.release(), frame->width, frame->height,
                                  static_cast<AVPixelFormat>(frame->format), box.width, box.height,
                                  AV_PIX_FMT_BGR0, SWS_BILINEAR, nullptr, nullptr, nullptr));
  if (!sws_) return;
  uint8_t* const out[4] = {static_cast<uint8_t*>(canvas.pixels) +
                           static_cast<ptrdiff_t>(box.top) * canvas.pitch +
                           static_cast<ptrdiff_t>(box.left) * 4};
  const int stride[4] = {canvas.pitch};
  sws_scale(sws_.get(), frame->data, frame->linesize, 0, frame->height, out, stride);
}

}  // namespace swarmcast::window

// The module's one visible symbol.
extern "C" [[gnu::visibility("default")]] swarmcast::media::PlayerOutput* swarmcast_window_2(
    const swarmcast::media::StreamFormat& format,
    swarmcast::media::PlayerOutput::Callbacks callbacks) {
  return new swarmcast::window::SdlWindow(format, std::move(callbacks));
}
