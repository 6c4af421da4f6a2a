// Reads what `swarmcast watch --out -` writes: NUT with yuv420p pictures and PCM sound.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "test/support/picture.h"
#include "test/support/process.h"

struct AVFormatContext;
struct AVPacket;

namespace swarmcast::test {

struct SeenPicture {
  int64_t pts_us = 0;
  int64_t arrived_us = 0;  // CLOCK_MONOTONIC
  int width = 0;
  int height = 0;
  std::optional<uint64_t> stamp;  // host/stamp: when it was captured, CLOCK_MONOTONIC us
  Thumbnail thumbnail;
};

struct SeenSound {
  int64_t pts_us = 0;
  int64_t arrived_us = 0;
  int samples = 0;  // a channel
  double rms = 0;   // 0..1
};

class NutReader {
 public:
  // Reads `fd` to its end in a thread of its own, and closes it. Keeps at most kMaxSeen pictures.
  explicit NutReader(int fd);
  ~NutReader();
  NutReader(const NutReader&) = delete;
  NutReader& operator=(const NutReader&) = delete;

  static constexpr size_t kMaxSeen = 20'000;

  // True once there are `count` pictures; false on timeout or if the stream ended before.
  bool wait_pictures(size_t count, milliseconds timeout);
  // True once the stream has ended.
  bool wait_end(milliseconds timeout);
  std::vector<SeenPicture> pictures() const;
  std::vector<SeenSound> sound() const;
  // Why it ended, if it was not the end of the stream.
  std::string error() const;

 private:
  void run();
  void demux(AVFormatContext* format);
  void take_picture(const AVPacket& packet, int width, int height, int64_t pts_us);
  void take_sound(const AVPacket& packet, int channels, int64_t pts_us);
  static int read_some(void* self, uint8_t* buffer, int size);

  int fd_;
  std::atomic<bool> abandon_{false};

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<SeenPicture> pictures_;
  std::vector<SeenSound> sound_;
  std::string error_;
  bool ended_ = false;
  std::thread thread_;
};

// The longest time without a new picture, by arrival, within [from_us, to_us]; the edges count.
int64_t longest_gap_us(const std::vector<SeenPicture>& pictures, int64_t from_us, int64_t to_us);

}  // namespace swarmcast::test
