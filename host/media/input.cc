#include "host/media/input.h"

extern "C" {
#include <libavdevice/version.h>
}
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "host/media/clock.h"
#include "host/media/name_lookup.h"

namespace swarmcast::media {
namespace {

constexpr char kDefaultCamera[] = "/dev/video0";
// Unreadable packets in a row after which an input is given up.
constexpr int kMaxBadPackets = 200;

// Of a caller: until it is connected. Of who listens: until somebody who is connected sends
// something. Of anybody live: without a packet.
constexpr int64_t kConnectPatience = 10'000'000;  // microseconds
constexpr int64_t kSilencePatience = 5'000'000;
// How much of a live input may be read to find out what it is: a key frame must be in it.
constexpr int64_t kLiveAnalysis = 10'000'000;  // microseconds
// RTMP says at once how many tracks there are; a sender that says it wrongly has a moment.
constexpr int64_t kRtmpAnalysis = 2'000'000;
constexpr int64_t kShortAnalysis = 300'000;
constexpr int64_t kLiveProbe = 5'000'000;  // bytes

bool starts_with(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

CodecContextPtr open_decoder(const AVStream& stream) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!codec) return nullptr;
  CodecContextPtr context(avcodec_alloc_context3(codec));
  if (!context || avcodec_parameters_to_context(context.get(), stream.codecpar) < 0) return nullptr;
  context->pkt_timebase = stream.time_base;
  context->thread_count = 1;  // frame threads would hold pictures back
  context->max_pixels = int64_t{kMaxSide} * kMaxSide;
  return avcodec_open2(context.get(), codec, nullptr) < 0 ? nullptr : std::move(context);
}

// libavdevice brings some 80 libraries of windows and sound along, and a quarter of a second to
// load them: only a camera is worth that.
bool load_devices() {
  void* library =
      dlopen("libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  auto register_all = reinterpret_cast<void (*)()>(dlsym(library, "avdevice_register_all"));
  if (register_all) register_all();
  return register_all != nullptr;
}

// RTSP is no protocol to FFmpeg, but a format.
bool is_known(const InputAddress& address) {
  return address.scheme.starts_with("rtsp") || avio_find_protocol_name(address.url.c_str());
}

int64_t timestamp_us(const AVFrame& frame, const AVStream& stream) {
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return AV_NOPTS_VALUE;
  return av_rescale_q(frame.best_effort_timestamp, stream.time_base, kMicroseconds);
}

}  // namespace

Input::Input(const CaptureOptions& options, const StopSignal& stop)
    : options_(options), stop_(stop), address_(parse_input_address(options.input)) {
  if (options_.input == "camera") options_.input = kDefaultCamera;
  live_device_ = starts_with(options_.input, "/dev/video");
  if (options_.input == "-")
    name_ = "Standard input";
  else if (live_device_)
    name_ = "The camera " + options_.input;
  else if (address_)
    name_ = address_->shown;
  else
    name_ = "\"" + options_.input + "\"";
}

// FFmpeg asks some ten times a second, on the thread that waits.
int Input::interrupted(void* self) {
  const auto& input = *static_cast<const Input*>(self);
  const int64_t now_us = monotonic_us();
  if (input.silent_ && now_us - kSilenceNotice >= input.read_since_us_) input.silent_();
  return input.stop_.raised() || now_us >= input.patience_us_ ? 1 : 0;
}

Input::Opened Input::open(const CaptureOptions& options, const StopSignal& stop, int64_t until_us) {
  std::unique_ptr<Input> input(new Input(options, stop));
  const bool listens = input->listens();
  if (listens) {
    if (std::string error = check_listening_address(*input->address_); !error.empty())
      return {nullptr, std::move(error)};
  }
  if (std::string error = input->connect(until_us); !error.empty())
    return {nullptr, std::move(error), listens};
  return {std::move(input), {}};
}

std::string Input::connect(int64_t until_us) {
  if (address_ && !address_->listens) {
    if (std::string error = check_spelling(*address_); !error.empty()) return error;
    if (!is_known(*address_)) return explain(AVERROR_PROTOCOL_NOT_FOUND);
    if (std::string error = look_up(address_->host, stop_); !error.empty()) return error;
    until_us = std::min(until_us, monotonic_us() + kConnectPatience);
  }
  patience_us_ = until_us;
  if (int error = open_context(); error < 0) return explain(error);
  if (address_) patience_us_ = monotonic_us() + kLiveAnalysis + kSilencePatience;
  if (announced_tracks() == 1) context_->max_analyze_duration = kShortAnalysis;
  // Frames that arrive while the parameters are looked for are kept and read first.
  if (int error = avformat_find_stream_info(context_.get(), nullptr); error < 0)
    return explain(error);
  return find_streams(options_.sound);
}

// Pipes are probed as little as possible: what is read there is delay later.
int Input::open_context() {
  context_.reset(avformat_alloc_context());
  if (!context_) return AVERROR(ENOMEM);
  context_->interrupt_callback = {&interrupted, this};
  const std::string& path = options_.input;
  if (live_device_) return open_camera();
  if (address_) return open_address();
  struct stat info{};
  const bool local = path != "-";
  if (local && stat(path.c_str(), &info) != 0) return AVERROR(errno);
  if (local && S_ISDIR(info.st_mode)) return AVERROR(EISDIR);
  if (local && S_ISREG(info.st_mode) && info.st_size == 0) return AVERROR(ENODATA);
  if (path == "-" || (local && !S_ISREG(info.st_mode))) return open_descriptor();

  AVFormatContext* raw = context_.release();  // freed by FFmpeg on failure
  // A local name is never read as a protocol, whatever colons it has.
  const int error = avformat_open_input(&raw, ("file:" + path).c_str(), nullptr, nullptr);
  context_.reset(raw);
  return error;
}

int Input::open_address() {
  context_->fps_probe_size = 0;
  context_->probesize = kLiveProbe;
  context_->max_analyze_duration =
      address_->scheme.starts_with("rtmp") ? kRtmpAnalysis : kLiveAnalysis;
  AVDictionary* options = nullptr;
  for (const auto& [name, value] : address_->options)
    av_dict_set(&options, name.c_str(), value.c_str(), 0);
  // Else whoever connects and is silent, a scan of ports even, keeps the sender out for ever. (Over
  // UDP there is no connection, and FFmpeg's RTSP takes no such limit.)
  if (address_->listens && !address_->options.empty())
    av_dict_set_int(&options, "rw_timeout", kConnectPatience, 0);
  AVFormatContext* raw = context_.release();
  const int error = avformat_open_input(&raw, address_->url.c_str(), nullptr, &options);
  av_dict_free(&options);
  context_.reset(raw);
  return error;
}

// FFmpeg's RTMP makes up a file's header from what the sender announced.
int Input::announced_tracks() const {
  AVIOContext* const io = context_->pb;
  if (!io || !address_ || !address_->scheme.starts_with("rtmp")) return 0;
  constexpr int64_t kFlags = 4;
  constexpr int kSound = 4, kPicture = 1;
  const int64_t here = avio_tell(io);
  if (avio_seek(io, kFlags, SEEK_SET) != kFlags) return 0;  // no longer in its buffer
  const int flags = avio_r8(io);
  avio_seek(io, here, SEEK_SET);
  return ((flags & kSound) != 0) + ((flags & kPicture) != 0);
}

int Input::open_descriptor() {
  const bool standard_input = options_.input == "-";
  const int fd = standard_input ? options_.stdin_fd
                                : ::open(options_.input.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return AVERROR(errno);
  fd_ = std::make_unique<FdReader>(fd, !standard_input, stop_);
  if (!fd_->avio()) return AVERROR(ENOMEM);
  if (!fd_->seekable()) {
    context_->probesize = 32'768;
    context_->max_analyze_duration = 0;
    context_->fps_probe_size = 0;
  }
  context_->pb = fd_->avio();
  AVFormatContext* raw = context_.release();
  const int error = avformat_open_input(&raw, "", nullptr, nullptr);
  context_.reset(raw);
  return error;
}

int Input::open_camera() {
  const AVInputFormat* v4l2 = load_devices() ? av_find_input_format("v4l2") : nullptr;
  if (!v4l2) return AVERROR_DEMUXER_NOT_FOUND;
  const PictureSize wanted = options_.width > 0 && options_.height > 0
                                 ? PictureSize{options_.width, options_.height}
                                 : PictureSize{640, 360};
  const std::string size = std::to_string(wanted.width) + "x" + std::to_string(wanted.height);
  const std::string rate = std::to_string(options_.fps);
  AVFormatContext* raw = context_.release();
  // Cameras refuse sizes or rates they do not have: then take what they offer.
  int error = AVERROR(EINVAL);
  for (int attempt = 0; attempt < 3 && error == AVERROR(EINVAL); ++attempt) {
    if (!raw) raw = avformat_alloc_context();
    if (!raw) return AVERROR(ENOMEM);
    raw->interrupt_callback = {&interrupted, this};
    raw->flags |= AVFMT_FLAG_NONBLOCK;
    AVDictionary* wishes = nullptr;
    if (attempt < 2) av_dict_set(&wishes, "video_size", size.c_str(), 0);
    if (attempt < 1) av_dict_set(&wishes, "framerate", rate.c_str(), 0);
    error = avformat_open_input(&raw, options_.input.c_str(), v4l2, &wishes);
    av_dict_free(&wishes);
  }
  context_.reset(raw);
  return error;
}

// A cover is no moving picture, and what is printed on it is nobody's business.
std::string Input::find_picture() {
  AVFormatContext* c = context_.get();
  for (unsigned i = 0; i < c->nb_streams; ++i)
    if (c->streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC)
      c->streams[i]->codecpar->codec_type = AVMEDIA_TYPE_ATTACHMENT;
  const int video = av_find_best_stream(c, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (video < 0) return {};
  video_stream_ = c->streams[video];
  video_ = open_decoder(*video_stream_);
  const AVCodecParameters& p = *video_stream_->codecpar;
  if (video_ && p.width > 0 && p.height > 0) return {};
  return name_ +
         " holds a picture that FFmpeg cannot decode here. Convert it, for example: "
         "ffmpeg -i INPUT -c:v libx264 -c:a aac clip.mp4";
}

std::string Input::find_streams(bool want_sound) {
  if (std::string error = find_picture(); !error.empty()) return error;
  AVFormatContext* c = context_.get();
  const int sound =
      want_sound ? av_find_best_stream(c, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) : -1;
  if (sound >= 0) {
    sound_stream_ = c->streams[sound];
    sound_ = open_decoder(*sound_stream_);  // a broadcast without sound is better than none
  }
  const bool unwanted =
      !want_sound && av_find_best_stream(c, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) >= 0;
  if (!video_ && unwanted)
    return name_ + " is sound only: leave out --no-sound, or choose a video.";
  if (!video_ && !sound_)
    return name_ +
           " has neither a moving picture nor sound in it. Choose a video, or --input test for the "
           "built-in picture.";
  for (unsigned i = 0; i < c->nb_streams; ++i)
    if ((!video_ || c->streams[i] != video_stream_) && (!sound_ || c->streams[i] != sound_stream_))
      c->streams[i]->discard = AVDISCARD_ALL;
  return {};
}

std::string Input::summary() const {
  if (!video_) return "sound only";
  return std::to_string(size().width) + "x" + std::to_string(size().height) +
         (sound_ ? " with sound" : ", no sound");
}

PictureSize Input::size() const {
  if (!video_) return {};
  const AVCodecParameters& p = *video_stream_->codecpar;
  return orientation().transposes ? PictureSize{p.height, p.width} : PictureSize{p.width, p.height};
}

Orientation Input::orientation() const {
  return video_ ? Orientation::of_stream(*video_stream_) : Orientation{};
}

AVRational Input::pixel_aspect() const {
  if (!video_) return {1, 1};
  const AVRational stored = av_guess_sample_aspect_ratio(context_.get(), video_stream_, nullptr);
  return orientation().transposes && stored.num > 0 ? AVRational{stored.den, stored.num} : stored;
}

bool Input::clockless() const {
  const AVInputFormat& format = *context_->iformat;
  const std::string_view name = format.name;
  // FFmpeg flags only some of them.
  return (format.flags & AVFMT_NOTIMESTAMPS) || name.ends_with("_pipe") || name == "h264" ||
         name == "hevc";
}

Timing Input::timing() const {
  if (live_device_) return Timing::kDevice;
  if (address_ && address_->live) return Timing::kStream;
  // What can be read again from the start is stored.
  if (context_->pb && (context_->pb->seekable & AVIO_SEEKABLE_NORMAL)) return Timing::kStored;
  return clockless() ? Timing::kNominal : Timing::kStream;
}

int64_t Input::frame_duration_us() const {
  if (!video_) return 0;
  const AVRational rate = av_guess_frame_rate(context_.get(), video_stream_, nullptr);
  return rate.num > 0 && rate.den > 0 ? av_rescale(1'000'000, rate.den, rate.num) : 0;
}

std::optional<Input::Item> Input::receive() {
  FramePtr frame = new_frame();
  if (!frame) return End{"The machine is out of memory. Close other programs."};
  int picture = AVERROR_EOF;
  if (video_) picture = avcodec_receive_frame(video_.get(), frame.get());
  if (picture >= 0) {
    any_frame_ = true;
    const int64_t pts = timestamp_us(*frame, *video_stream_);
    return Picture{std::move(frame), pts};
  }
  int sound = AVERROR_EOF;
  if (sound_) sound = avcodec_receive_frame(sound_.get(), frame.get());
  if (sound >= 0) {
    any_frame_ |= !video_;
    const int64_t pts = timestamp_us(*frame, *sound_stream_);
    return Sound{std::move(frame), pts};
  }
  if (!draining_) return std::nullopt;
  const bool live = address_ && address_->live;
  if (any_frame_ || live) return End{{}, live};
  return End{name_ + " ended before its first picture. " +
             (options_.input == "-"
                  ? "MP4 cannot come through a pipe. " + std::string(kInputStdinHint)
                  : "Check that it is whole.")};
}

std::optional<Input::Item> Input::feed() {
  const int64_t now_us = monotonic_us();
  if (address_) patience_us_ = now_us + kSilencePatience;
  if (address_ && address_->live) read_since_us_ = now_us;
  const int error = av_read_frame(context_.get(), packet_.get());
  read_since_us_ = kForever;
  if (error == AVERROR(EAGAIN)) return TryLater{};
  // A file that breaks off is an end like another; a device or network that fails is not.
  const bool lost = error < 0 && (live_device_ || address_) && error != AVERROR_EOF;
  if (lost && error != AVERROR_INVALIDDATA)
    return End{name_ + " broke off (" + av_error_text(error) + "). Check it and start again.",
               address_ && address_->live};
  if (error == AVERROR_INVALIDDATA && ++bad_packets_ < kMaxBadPackets) return std::nullopt;
  if (error < 0) {
    draining_ = true;
    if (video_) avcodec_send_packet(video_.get(), nullptr);
    if (sound_) avcodec_send_packet(sound_.get(), nullptr);
    return std::nullopt;
  }
  const bool video = video_ && packet_->stream_index == video_stream_->index;
  const bool sound = sound_ && packet_->stream_index == sound_stream_->index;
  AVCodecContext* decoder = video ? video_.get() : sound ? sound_.get() : nullptr;
  const bool cut = (packet_->flags & AV_PKT_FLAG_CORRUPT) && packet_->size > 0;
  if (decoder && !cut) {
    // Damaged packets are skipped: the pictures around them may be fine.
    bad_packets_ = avcodec_send_packet(decoder, packet_.get()) < 0 ? bad_packets_ + 1 : 0;
  }
  av_packet_unref(packet_.get());
  if (bad_packets_ < kMaxBadPackets) return std::nullopt;
  return End{name_ + " is too damaged to be shown. Check that it is whole, or convert it."};
}

Input::Item Input::next() {
  for (;;) {
    if (stop_.raised()) return End{};
    if (auto item = receive()) return std::move(*item);
    if (auto item = feed()) return std::move(*item);
  }
}

}  // namespace swarmcast::media
