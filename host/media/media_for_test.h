// What the tests of this room share.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <libavutil/log.h>
}

#include "host/media/av_ptr.h"
#include "host/media/clock.h"
#include "host/media/media.h"
#include "host/media/picture_view.h"

namespace swarmcast::media {

inline const bool kQuiet = (av_log_set_level(AV_LOG_QUIET), true);

// The usual size and distance of pictures.
inline constexpr int kWidth = 320;
inline constexpr int kHeight = 180;
inline constexpr int64_t kPeriod = 50'000;  // us: 20 a second

struct StoredUnit {
  std::vector<uint8_t> payload;
  EncodedUnit head;  // its payload span is not valid
  int64_t given_us = 0;

  explicit StoredUnit(const EncodedUnit& unit)
      : payload(unit.payload.begin(), unit.payload.end()), head(unit), given_us(monotonic_us()) {
    head.payload = {};
  }
  EncodedUnit unit() const {
    EncodedUnit out = head;
    out.payload = payload;
    return out;
  }
  PacketPtr packet() const {
    PacketPtr out = new_packet();
    EXPECT_EQ(av_new_packet(out.get(), static_cast<int>(payload.size())), 0);
    if (!payload.empty()) std::memcpy(out->data, payload.data(), payload.size());
    return out;
  }
};

// Keeps all that a capture gives, and waits for it.
class RecordingSink : public CaptureSink {
 public:
  void on_ready(const StreamFormat& format) override {
    change([&] {
      formats.push_back(format);
      EXPECT_TRUE(video.empty() && audio.empty());
    });
  }
  void on_video(const EncodedUnit& unit) override {
    change([&] { video.emplace_back(unit); });
  }
  void on_audio(const EncodedUnit& unit) override {
    change([&] { audio.emplace_back(unit); });
  }
  void on_end(const std::string& error) override {
    change([&] { ends.push_back(error); });
  }

  void on_notice(const std::string& sentence) override {
    change([&] { notices.push_back(sentence); });
  }

  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(10), condition);
  }
  bool wait_for_end() {
    return wait([&] { return !ends.empty(); });
  }
  bool wait_for_pictures(size_t n) {
    return wait([&] { return video.size() >= n || !ends.empty(); }) && video.size() >= n;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<StreamFormat> formats;
  std::vector<StoredUnit> video, audio;
  std::vector<std::string> ends, notices;

 private:
  template <typename F>
  void change(F f) {
    std::lock_guard lock(mutex);
    EXPECT_TRUE(ends.empty()) << "called after on_end";
    f();
    changed.notify_all();
  }
};

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0); }
  ~Pipe() {
    close_read();
    close_write();
  }
  void close_read() { close_one(fds[0]); }
  void close_write() { close_one(fds[1]); }
  int read_end() const { return fds[0]; }
  int write_end() const { return fds[1]; }
  // False if the reader has gone. SIGPIPE must be ignored or blocked.
  bool write_all(const void* data, size_t size) const {
    const auto* bytes = static_cast<const uint8_t*>(data);
    while (size > 0) {
      const ssize_t n = write(fds[1], bytes, size);
      if (n <= 0) return false;
      bytes += n;
      size -= static_cast<size_t>(n);
    }
    return true;
  }
  bool write_all(const std::string& text) const { return write_all(text.data(), text.size()); }

 private:
  static void close_one(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  int fds[2] = {-1, -1};
};

inline std::string y4m_header(int width, int height, int fps) {
  return "YUV4MPEG2 W" + std::to_string(width) + " H" + std::to_string(height) + " F" +
         std::to_string(fps) + ":1 Ip A1:1 C420jpeg\n";
}

inline std::string y4m_frame(const PictureView& view, int width, int height) {
  std::string out = "FRAME\n";
  for (size_t p = 0; p < 3; ++p) {
    const int w = p ? width / 2 : width;
    const int h = p ? height / 2 : height;
    for (int y = 0; y < h; ++y) {
      const auto* row =
          reinterpret_cast<const char*>(view.plane[p] + ptrdiff_t{y} * view.stride[p]);
      out.append(row, static_cast<size_t>(w));
    }
  }
  return out;
}

}  // namespace swarmcast::media
