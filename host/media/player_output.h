// Where a player's pictures and sound go: a pipe (nut_writer.h) or a window (host/window).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/media/av_ptr.h"
#include "host/media/media.h"
#include "host/media/opus_codec.h"

namespace swarmcast::media {

class PlayerOutput {
 public:
  // All come on the output's own thread.
  struct Callbacks {
    // A picture was shown; on a pipe: its last byte is written.
    std::function<void(uint32_t frame_number, int64_t captured_us)> presented;
    // Once; nothing is presented any more.
    std::function<void(const std::string& sentence)> failed;
    // The person watching has had enough. Once.
    std::function<void()> closed;
    // A sentence about something that ends nothing.
    std::function<void(const std::string& sentence)> notice;
  };

  virtual ~PlayerOutput() = default;  // ends at once
  virtual void start() = 0;
  // To be shown now. Never waits: an output that is too slow leaves pictures out.
  virtual void picture(FramePtr frame, uint32_t frame_number, int64_t captured_us) = 0;
  // 20 ms of sound, at most sound_lead_us() before `present_at_us` (CLOCK_MONOTONIC).
  virtual void sound(const PcmPacket& samples, int64_t captured_us, int64_t present_at_us) = 0;
  virtual int64_t sound_lead_us() const { return 0; }
  // The broadcast is over: forget the pictures and say so.
  virtual void show_end() {}
};

// What swarmcast-window.so exports. Null, and a sentence in `error`, if it cannot be had.
std::unique_ptr<PlayerOutput> open_window(const StreamFormat& format,
                                          PlayerOutput::Callbacks callbacks, std::string& error);

inline constexpr char kWindowEntry[] = "swarmcast_window_2";
using WindowEntry = PlayerOutput* (*)(const StreamFormat&, PlayerOutput::Callbacks);

}  // namespace swarmcast::media
