#include "host/media/player.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "host/media/clock.h"
#include "host/media/media_thread.h"
#include "host/media/nut_writer.h"
#include "host/media/opus_codec.h"
#include "host/media/video_decoder.h"

namespace swarmcast::media {
namespace {

// What a decoder that lags may have waiting before it starts afresh with a key frame: more than the
// longest playout delay holds.
constexpr size_t kMaxUnits = 256;
constexpr size_t kMaxUnitBytes = 16u << 20;
constexpr size_t kMaxPackets = 256;
constexpr size_t kMaxPayload = 1u << 20;
// Pictures decoded before their moment: enough to hide the slowest picture, few in memory.
constexpr size_t kDecodedAhead = 4;
constexpr uint32_t kMaxConcealed = 5;  // packets of 20 ms
constexpr int64_t kPacketUs = 20'000;

struct VideoJob {
  PacketPtr unit;
  bool key = false;
  uint32_t number = 0;
  int64_t captured_us = 0;
  int64_t present_at_us = 0;
  bool show = true;
};

struct DecodedPicture {
  FramePtr frame;
  uint32_t number = 0;
  int64_t captured_us = 0;
  int64_t present_at_us = 0;
};

struct SoundJob {
  std::vector<uint8_t> packet;
  uint32_t number = 0;
  int64_t captured_us = 0;
  int64_t present_at_us = 0;
};

class PlayerImpl : public Player {
 public:
  PlayerImpl(const PlayerOptions& options, PlayerSink& sink) : options_(options), sink_(sink) {}
  ~PlayerImpl() override {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    thread_.join();  // uses the output, and never waits for it
    output_.reset();
  }

  void start() override {
    open_output();
    thread_ = MediaThread("media-decode", [this] { run(); });
  }

  void decode_video(const EncodedUnit& unit, uint32_t frame_number, int64_t present_at_us,
                    bool show) override;
  void decode_audio(const EncodedUnit& unit, uint32_t packet_number,
                    int64_t present_at_us) override;
  void show_end() override;

 private:
  void open_output();
  void run();
  bool wait_for_work(VideoJob& job, std::vector<SoundJob>& sound, bool& overflowed, bool& over);
  int64_t next_moment() const;
  bool has_due(int64_t now) const;
  void decode(const VideoJob& job);
  void lose_state();
  void present_due();
  void play(const SoundJob& job);

  // Sink calls come from two threads; the sink sees one at a time.
  void presented(uint32_t number, int64_t captured_us) {
    std::lock_guard lock(sink_mutex_);
    sink_.on_presented(number, captured_us, monotonic_us());
  }
  void need_key_frame() {
    std::lock_guard lock(sink_mutex_);
    sink_.on_need_key_frame();
  }
  void fail(const std::string& sentence) {
    std::lock_guard lock(sink_mutex_);
    sink_.on_error(sentence);
  }
  void notice(const std::string& sentence) {
    std::lock_guard lock(sink_mutex_);
    sink_.on_notice(sentence);
  }
  void closed() {
    std::lock_guard lock(sink_mutex_);
    sink_.on_closed();
  }

  const PlayerOptions options_;
  PlayerSink& sink_;
  std::mutex sink_mutex_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<VideoJob> units_;
  size_t unit_bytes_ = 0;
  std::deque<SoundJob> packets_;
  bool overflowed_ = false;
  bool stopped_ = false;
  bool ended_ = false;

  // The decode thread's own.
  std::unique_ptr<VideoDecoder> video_;
  std::unique_ptr<SoundDecoder> audio_;
  std::deque<DecodedPicture> pictures_;
  bool needs_key_ = true;
  bool told_needs_key_ = false;
  std::optional<uint32_t> last_packet_;

  std::unique_ptr<PlayerOutput> output_;
  std::string output_error_;
  int64_t sound_lead_us_ = 0;
  MediaThread thread_;
};

void PlayerImpl::open_output() {
  const PlayerOutput::Callbacks callbacks{
      .presented = [this](uint32_t n, int64_t captured) { presented(n, captured); },
      .failed = [this](const std::string& sentence) { fail(sentence); },
      .closed = [this] { closed(); },
      .notice = [this](const std::string& sentence) { notice(sentence); }};
  if (options_.output == PlayerOptions::Output::kWindow)
    output_ = open_window(options_.format, callbacks, output_error_);
  else if (options_.output == PlayerOptions::Output::kNut && isatty(options_.out_fd))
    output_error_ =
        "--out - writes raw video, which a terminal cannot show. Pipe it into a player, for "
        "example: swarmcast watch INVITE --out - | ffplay -";
  else if (options_.output == PlayerOptions::Output::kNut)
    output_ = std::make_unique<NutWriter>(options_.out_fd, options_.format, callbacks);
  if (output_) sound_lead_us_ = output_->sound_lead_us();
}

void PlayerImpl::show_end() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    units_.clear();
    unit_bytes_ = 0;
    packets_.clear();
    changed_.notify_all();
  }
  if (output_) output_->show_end();
}

void PlayerImpl::decode_video(const EncodedUnit& unit, uint32_t frame_number, int64_t present_at_us,
                              bool show) {
  VideoJob job{new_packet(), unit.key, frame_number, unit.captured_us, present_at_us, show};
  // A unit out of all proportion is damage like any other: an empty one in its place says so.
  const size_t size = unit.payload.size() > kMaxPayload ? 0 : unit.payload.size();
  if (!job.unit || av_new_packet(job.unit.get(), static_cast<int>(size)) < 0) return;
  if (size > 0) std::memcpy(job.unit->data, unit.payload.data(), size);

  std::lock_guard lock(mutex_);
  if (ended_) return;
  if (units_.size() >= kMaxUnits || unit_bytes_ + size > kMaxUnitBytes) {
    units_.clear();
    unit_bytes_ = 0;
    overflowed_ = true;
  }
  unit_bytes_ += size;
  units_.push_back(std::move(job));
  changed_.notify_all();
}

void PlayerImpl::decode_audio(const EncodedUnit& unit, uint32_t packet_number,
                              int64_t present_at_us) {
  if (options_.output == PlayerOptions::Output::kNull) return;
  constexpr size_t kMaxOpusPacket = 1500;
  if (unit.payload.empty() || unit.payload.size() > kMaxOpusPacket) return;
  std::lock_guard lock(mutex_);
  if (ended_) return;
  if (packets_.size() >= kMaxPackets) packets_.pop_front();
  packets_.push_back({std::vector<uint8_t>(unit.payload.begin(), unit.payload.end()), packet_number,
                      unit.captured_us, present_at_us});
  changed_.notify_all();
}

void PlayerImpl::run() {
  const VideoCodec codec = options_.format.codec;
  audio_ = SoundDecoder::create();
  if (codec != VideoCodec::kNone) video_ = VideoDecoder::create(codec);
  if (codec != VideoCodec::kNone && !video_)
    return fail("This broadcast's pictures are " + std::string(name_of(codec)) +
                ", which this program cannot decode here. Install the newest version of it and of "
                "FFmpeg, or ask the broadcaster for --codec h264.");
  if (!audio_) return fail("The sound decoder could not be started. Close other programs.");
  if (!output_error_.empty()) return fail(output_error_);
  if (output_) output_->start();
  VideoJob job;
  std::vector<SoundJob> sound;
  bool overflowed = false;
  bool over = false;
  while (wait_for_work(job, sound, overflowed, over)) {
    present_due();
    for (const SoundJob& packet : sound) play(packet);
    if (overflowed) lose_state();
    if (job.unit) decode(job);
    if (over) pictures_.clear();
  }
}

int64_t PlayerImpl::next_moment() const {
  int64_t next = INT64_MAX;
  if (!pictures_.empty()) next = pictures_.front().present_at_us;
  if (!packets_.empty()) next = std::min(next, packets_.front().present_at_us - sound_lead_us_);
  return next;
}

// Waits for the next thing to decode, present or play. False: stopped. `job.unit` is null if there
// is nothing to decode.
bool PlayerImpl::wait_for_work(VideoJob& job, std::vector<SoundJob>& sound, bool& overflowed,
                               bool& over) {
  job = {};
  sound.clear();
  std::unique_lock lock(mutex_);
  const auto can_decode = [this] { return !units_.empty() && pictures_.size() < kDecodedAhead; };
  for (;;) {
    if (stopped_) return false;
    const int64_t next = next_moment();
    if (overflowed_ || can_decode() || next <= monotonic_us() || ended_ != over) break;
    if (next == INT64_MAX)
      changed_.wait(lock);
    else
      changed_.wait_until(lock, monotonic_point(next));
  }
  overflowed = std::exchange(overflowed_, false);
  over = ended_;
  const int64_t now = monotonic_us();
  while (!packets_.empty() && packets_.front().present_at_us - sound_lead_us_ <= now) {
    sound.push_back(std::move(packets_.front()));
    packets_.pop_front();
  }
  if (can_decode()) {
    job = std::move(units_.front());
    units_.pop_front();
    unit_bytes_ -= static_cast<size_t>(job.unit->size);
  }
  return true;
}

void PlayerImpl::lose_state() {
  needs_key_ = true;
  if (std::exchange(told_needs_key_, true)) return;
  need_key_frame();
}

void PlayerImpl::decode(const VideoJob& job) {
  if (!video_) return;
  if (needs_key_ && !job.key) return lose_state();
  if (needs_key_) video_->reset();
  FramePtr picture = job.unit->size > 0 ? video_->decode(*job.unit) : nullptr;
  if (!picture) {
    told_needs_key_ = false;
    return lose_state();
  }
  needs_key_ = told_needs_key_ = false;
  if (!job.show) return;
  pictures_.push_back({std::move(picture), job.number, job.captured_us, job.present_at_us});
  present_due();
}

void PlayerImpl::present_due() {
  while (!pictures_.empty() && pictures_.front().present_at_us <= monotonic_us()) {
    DecodedPicture picture = std::move(pictures_.front());
    pictures_.pop_front();
    if (output_)
      output_->picture(std::move(picture.frame), picture.number, picture.captured_us);
    else
      presented(picture.number, picture.captured_us);
  }
}

void PlayerImpl::play(const SoundJob& job) {
  if (last_packet_ && job.number <= *last_packet_) return;
  const uint32_t lost = last_packet_ ? job.number - *last_packet_ - 1 : 0;
  if (lost <= kMaxConcealed) {
    for (uint32_t i = lost; i > 0; --i)
      if (auto samples = audio_->decode({}))
        output_->sound(*samples, job.captured_us - i * kPacketUs,
                       job.present_at_us - i * kPacketUs);
  }
  last_packet_ = job.number;
  if (auto samples = audio_->decode(job.packet))
    output_->sound(*samples, job.captured_us, job.present_at_us);
}

}  // namespace

std::unique_ptr<Player> create_player(const PlayerOptions& options, PlayerSink& sink) {
  return std::make_unique<PlayerImpl>(options, sink);
}

}  // namespace swarmcast::media
