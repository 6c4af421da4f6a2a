#include "host/media/capture.h"

#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "host/media/clock.h"
#include "host/media/input_reader.h"
#include "host/media/media_queue.h"
#include "host/media/media_thread.h"
#include "host/media/test_picture.h"
#include "host/media/unit_encoder.h"

namespace swarmcast::media {
namespace {

constexpr char kNoEncoder[] =
    "The picture could not be encoded at this size. Choose another one, for example --size "
    "640x360.";
constexpr char kBadOptions[] =
    "The picture's size must be 32 to 4096 samples a side and its rate 1 to 60 a second. Choose "
    "others, for example --size 640x360 --fps 20.";

constexpr PictureSize kUsualSize{640, 360};

bool valid(const CaptureOptions& o) {
  const auto side = [](int v) { return v == 0 || (v >= kMinSide && v <= kMaxSide); };
  return side(o.width) && side(o.height) && o.fps >= 1 && o.fps <= kMaxFps;
}

CaptureOptions resolved(CaptureOptions options) {
  if (options.input.empty()) options.input = access("/dev/video0", F_OK) == 0 ? "camera" : "test";
  return options;
}

class CaptureImpl : public Capture {
 public:
  CaptureImpl(const CaptureOptions& options, CaptureSink& sink)
      : options_(resolved(options)), sink_(sink), encoder_(sink, options.bitrate_kbps) {}
  ~CaptureImpl() override { stop(); }

  void start() override {
    thread_ = MediaThread("media-encode", [this] { run(); });
  }

  void stop() override {
    stop_.raise();
    {
      std::lock_guard lock(mutex_);
      if (queue_) queue_->stop();
      stopped_.notify_all();
    }
    thread_.join();
  }

  void request_key_frame() override { encoder_.request_key_frame(); }
  void set_target(int kbps, bool sound_only) override { encoder_.set_target(kbps, sound_only); }

  std::optional<StreamFormat> describe() const override {
    std::lock_guard lock(mutex_);
    return format_;
  }

 private:
  void run() {
    if (!valid(options_))
      end(kBadOptions);
    else if (options_.input == "test")
      run_test_picture();
    else
      run_input();
  }

  void end(const std::string& error) {
    if (!stop_.raised()) sink_.on_end(error);
  }

  bool ready(const StreamFormat& format) {
    if (stop_.raised()) return false;
    if (!encoder_.open(format)) {
      end(kNoEncoder);
      return false;
    }
    {
      std::lock_guard lock(mutex_);
      format_ = format;
    }
    sink_.on_ready(format);
    return true;
  }

  StreamFormat format_of(PictureSize size, bool sound) const {
    StreamFormat format{.width = 0, .height = 0, .fps = 0, .codec = VideoCodec::kNone};
    format.audio_channels = sound ? 1 : 0;
    if (size.width == 0) return format;
    format.width = size.width;
    format.height = size.height;
    format.fps = options_.fps;
    format.codec = options_.codec;
    return format;
  }

  PictureSize sent_size(PictureSize in, AVRational pixel_aspect) const {
    return choose_size(in, pixel_aspect, {options_.width, options_.height});
  }

  void run_input() {
    const auto address = parse_input_address(options_.input);
    if (address && address->listens) return run_listening(*address);
    Input::Opened opened = Input::open(options_, stop_);
    if (!opened.input) return end(opened.error);
    const Input& input = *opened.input;
    PictureSize size;
    if (input.has_picture()) size = sent_size(input.size(), input.pixel_aspect());
    const Timing timing = input.timing();
    send(format_of(size, input.has_sound()), timing, std::move(opened.input));
  }

  // People may join before there is a sender: nobody knows yet what it will send, so it is fitted
  // to what was announced.
  void run_listening(const InputAddress& address) {
    std::string error = check_spelling(address);
    if (error.empty()) error = check_listening_address(address);
    if (!error.empty()) return end(error);
    send(format_of(sent_size(kUsualSize, {1, 1}), options_.sound), Timing::kStream, nullptr);
  }

  // `input`: null if it is still to come.
  void send(const StreamFormat& format, Timing timing, std::unique_ptr<Input> input) {
    if (!ready(format)) return;
    {
      std::lock_guard lock(mutex_);
      const MediaQueue::Tracks tracks{format.width > 0, format.audio_channels > 0};
      queue_ = std::make_unique<MediaQueue>(timing, tracks, options_.fps);
      if (stop_.raised()) queue_->stop();
    }
    InputReader reader(std::move(input), options_, {format.width, format.height}, *queue_, stop_);
    reader.start();
    encode_queue();
    // Frees a reader that waits for room; it has nothing more to say.
    queue_->stop();
  }

  void encode_queue() {
    FramePtr last;
    std::optional<int64_t> last_us;
    for (;;) {
      MediaQueue::Item item = queue_->take(last_us);
      if (stop_.raised() || std::holds_alternative<MediaQueue::Stopped>(item)) return;
      if (auto* ended = std::get_if<MediaQueue::End>(&item)) return end(ended->error);
      if (auto* notice = std::get_if<MediaQueue::Notice>(&item)) {
        sink_.on_notice(notice->sentence);
        continue;
      }
      if (auto* sound = std::get_if<MediaQueue::Sound>(&item)) {
        encoder_.sound(sound->samples, sound->captured_us);
        continue;
      }
      int64_t captured_us = monotonic_us();
      if (auto* picture = std::get_if<MediaQueue::Picture>(&item)) {
        last = std::move(picture->frame);
        captured_us = picture->captured_us;
      }
      last_us = captured_us;
      encoder_.picture(view_of(*last), captured_us);
    }
  }

  // False: stopped.
  bool sleep_until(int64_t us) {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_until(lock, monotonic_point(us), [this] { return stop_.raised(); });
  }

  void run_test_picture() {
    const PictureSize size = sent_size(kUsualSize, {1, 1});
    const int channels = options_.sound ? 1 : 0;
    if (!ready({size.width, size.height, options_.fps, channels, options_.codec})) return;
    TestPicture picture(size.width, size.height);
    const int64_t start_us = monotonic_us();
    int64_t pictures = 0;
    int64_t packets = 0;
    for (;;) {
      const int64_t picture_us = start_us + pictures * 1'000'000 / options_.fps;
      // As from a microphone, a packet is there when its last sample is.
      const int64_t sound_us = options_.sound ? start_us + (packets + 1) * 20'000 : picture_us + 1;
      if (!sleep_until(std::min(picture_us, sound_us))) return;
      if (sound_us < picture_us) {
        encoder_.sound(test_tone(packets * kAudioPacketSamples), sound_us - 20'000);
        ++packets;
        continue;
      }
      const int64_t now_us = monotonic_us();
      encoder_.picture(picture.draw(now_us - start_us, now_us), now_us);
      // After a long pause (suspend) go on from here instead of catching up.
      const int64_t due = (monotonic_us() - start_us) * options_.fps / 1'000'000;
      pictures = std::max(pictures + 1, due - options_.fps);
      packets = std::max(packets, (monotonic_us() - start_us) / 20'000 - 50);
    }
  }

  const CaptureOptions options_;
  CaptureSink& sink_;
  UnitEncoder encoder_;
  StopSignal stop_;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  std::optional<StreamFormat> format_;
  std::unique_ptr<MediaQueue> queue_;
  MediaThread thread_;
};

}  // namespace

std::unique_ptr<Capture> create_capture(const CaptureOptions& options, CaptureSink& sink) {
  return std::make_unique<CaptureImpl>(options, sink);
}

}  // namespace swarmcast::media
