// Capture-and-encode and decode-and-present, as interfaces. Their implementation is the loadable
// module swarmcast-media.so, opened by host/media_loader only where a stream begins or ends: a
// relay never loads FFmpeg. This header is all that others include of this room.
//
// Threads. No method blocks on a codec, a pipe or a device, but stop() and the destructors join the
// media threads (bounded by one codec call). Methods may be called from any one thread; sinks are
// called on media threads, never two at a time for the same object, and never after stop() or the
// destructor has returned. A sink must not call back into its own Capture or Player, other than
// request_key_frame() and set_target(), and should return quickly: copy and post to the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/video_codec.h"

namespace swarmcast::media {

inline constexpr int kAudioSampleRate = 48'000;
inline constexpr int kAudioPacketSamples = 960;  // 20 ms
inline constexpr int kDefaultFps = 20;
inline constexpr int kMaxFps = 60;
inline constexpr int kMinSide = 32;  // samples of width or height
inline constexpr int kMaxSide = 4096;
inline constexpr int kMinBitrateKbps = 50;
inline constexpr int kMaxBitrateKbps = 10'000;
inline constexpr int kDefaultReturnSeconds = 30;
inline constexpr int kListenReturnSeconds = 300;  // where senders come to us
inline constexpr int kMaxReturnSeconds = 3'600;

// One picture as its codec has it (engine/base/video_codec.h; nothing in it but what decoding
// needs) or one Opus packet of 20 ms.
struct EncodedUnit {
  ByteSpan payload;            // borrowed: valid during the call
  bool key = false;            // decodable by itself; every Opus packet
  uint8_t temporal_id = 0;     // 0..2; audio 0
  uint8_t index_in_chunk = 0;  // pictures since the last one with temporal id 0; audio 0
  uint8_t depends_on = 0;      // pictures back to the one referred to; 0 = none; audio 0
  // Microseconds. From a Capture: CLOCK_MONOTONIC, strictly increasing per track. To a Player: any
  // time line, usually the source's StreamTime; it becomes the NUT timestamp.
  int64_t captured_us = 0;
};

struct StreamFormat {
  int width = 640;  // width, height and fps are 0 without a picture
  int height = 360;
  int fps = kDefaultFps;   // nominal and highest; a slower input gives fewer pictures
  int audio_channels = 0;  // 0 = no sound, 1 = mono Opus
  VideoCodec codec = VideoCodec::kH264;
  bool operator==(const StreamFormat&) const = default;
};

struct CaptureOptions {
  // ""            the camera if there is one (/dev/video0), else the test picture
  // "test"        the built-in moving picture with a clock, a stamp (host/stamp) and a beep
  // "camera"      /dev/video0; or name another device: "/dev/video2"
  // "-"           standard input, in any form FFmpeg recognises: Y4M, NUT, MPEG-TS, MJPEG, ...
  // anything else a file or a URL that FFmpeg opens (host/media/input_address.h)
  std::string input;
  // Picture size, even. Both 0: the input's own, shrunk to fit 640x360. One 0: from the other by
  // the input's shape. Both given: exactly that, with black bars where the shapes differ. An
  // address that waits for a sender knows no shape yet: it takes 16:9.
  int width = 0;
  int height = 0;
  int fps = kDefaultFps;   // 1..kMaxFps
  int bitrate_kbps = 800;  // of the picture; kMinBitrateKbps..kMaxBitrateKbps
  VideoCodec codec = VideoCodec::kH264;
  bool sound = true;
  // How long a live sender that has gone is waited for; 0 = its end is the end of the input.
  // nullopt: one of the two above.
  std::optional<int> return_seconds;
  int stdin_fd = 0;  // what "-" reads; not closed
};

class CaptureSink {
 public:
  virtual ~CaptureSink() = default;
  // The input is open, or its address is there for a sender to come: until the first picture of
  // that one, a card says that it is waited for. Once, before anything else but on_notice, on_end.
  virtual void on_ready(const StreamFormat& format) = 0;
  // In decode order, right after encoding.
  virtual void on_video(const EncodedUnit& unit) = 0;
  virtual void on_audio(const EncodedUnit& unit) = 0;
  // A sentence about something that ends nothing: what is waited for. Also before on_ready.
  virtual void on_notice(const std::string& sentence) = 0;
  // The last call: the input has ended (`error` empty; all its pictures were given before), or a
  // sentence saying what is wrong and what to do. Not called if stop() comes first.
  virtual void on_end(const std::string& error) = 0;
};

class Capture {
 public:
  virtual ~Capture() = default;  // stops
  // Opens the input on a media thread, then captures. Call once.
  virtual void start() = 0;
  // Ends capture, also while the input blocks; when it returns no sink call is running or follows.
  virtual void stop() = 0;
  // The next picture becomes a key frame, at the earliest 500 ms after the last one.
  virtual void request_key_frame() = 0;
  // What the network takes: `kbps` for the picture, clamped to the limits above. `sound_only`: no
  // pictures until a call without it; the first one then is a key frame. Cheap: call it as often as
  // the wish changes.
  virtual void set_target(int kbps, bool sound_only) = 0;
  // What on_ready told; nullopt before.
  virtual std::optional<StreamFormat> describe() const = 0;
};

struct PlayerOptions {
  enum class Output {
    kNull,    // pictures are decoded and counted as presented; sound is dropped
    kNut,     // a NUT stream of raw yuv420p and pcm_s16le on `out_fd`
    kWindow,  // on the screen, with sound
  };
  Output output = Output::kNull;
  int out_fd = 1;  // not closed
  StreamFormat format;
};

class PlayerSink {
 public:
  virtual ~PlayerSink() = default;
  // A picture was shown; on kNut: its last byte was written.
  virtual void on_presented(uint32_t frame_number, int64_t captured_us, int64_t presented_us) = 0;
  // The decoder lost its state (a damaged unit, or more units than it could take): pictures are
  // skipped until a key frame comes. Once per loss.
  virtual void on_need_key_frame() = 0;
  // The output is gone: a sentence saying what to do. At most once; nothing is presented any more.
  virtual void on_error(const std::string& sentence) = 0;
  // The window was closed. At most once.
  virtual void on_closed() = 0;
  // A sentence about something that ends nothing: there is no sound card.
  virtual void on_notice(const std::string& sentence) = 0;
};

class Player {
 public:
  virtual ~Player() = default;  // stops at once; what is queued is not presented
  virtual void start() = 0;
  // Units in decode order, all references given before; the payload is copied. Presents at
  // `present_at_us` (CLOCK_MONOTONIC), or at once if that has passed; show = false only decodes.
  virtual void decode_video(const EncodedUnit& unit, uint32_t frame_number, int64_t present_at_us,
                            bool show) = 0;
  // Gaps in `packet_number` are concealed, up to 100 ms.
  virtual void decode_audio(const EncodedUnit& unit, uint32_t packet_number,
                            int64_t present_at_us) = 0;
  // The broadcast is over: all pictures are forgotten; a window says so until it is destroyed.
  virtual void show_end() = 0;
};

// What the module exports. Sinks must outlive what was created with them.
class Module {
 public:
  virtual ~Module() = default;
  virtual std::unique_ptr<Capture> create_capture(const CaptureOptions& options,
                                                  CaptureSink& sink) = 0;
  virtual std::unique_ptr<Player> create_player(const PlayerOptions& options, PlayerSink& sink) = 0;
};

// The number changes with this header, so that a stale module is refused.
inline constexpr char kModuleEntry[] = "swarmcast_media_module_3";
using ModuleEntry = Module* (*)();

}  // namespace swarmcast::media

extern "C" swarmcast::media::Module* swarmcast_media_module_3();
