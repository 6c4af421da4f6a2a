// Sound on its way to the sound card, in step with the pictures.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>

#include "host/media/opus_codec.h"

namespace swarmcast::window {

// Packets come with the moment each is to be heard, on the clock the pictures are shown by. The
// card asks for samples by a clock of its own: what it gets is stretched or pressed by up to 3 % so
// that the two stay together, and after a hole or a jump it starts anew in the right place. No
// clock of its own; all times are microseconds of CLOCK_MONOTONIC. Safe from two threads.
class SoundBuffer {
 public:
  void push(const media::PcmPacket& samples, int64_t present_at_us);
  // Fills `out` with what is to be heard from `heard_at_us` on, silence where there is nothing.
  void pull(std::span<int16_t> out, int64_t heard_at_us);

 private:
  struct Packet {
    media::PcmPacket samples;
    int64_t present_at_us;
  };
  int64_t head_us() const;
  void skip_to(int64_t us);
  bool read(double step, int16_t& sample);

  std::mutex mutex_;
  std::deque<Packet> packets_;
  double position_ = 0;  // samples into the first packet
  double error_us_ = 0;  // how much too late the sound is, smoothed
  bool playing_ = false;
};

}  // namespace swarmcast::window
