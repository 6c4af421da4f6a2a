// Inputs and checks that the capture tests share.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/media/capture.h"
#include "host/media/media_for_test.h"
#include "host/media/media_thread.h"
#include "host/media/nut_writer.h"
#include "host/media/punctual_for_test.h"
#include "host/media/test_picture.h"
#include "host/media/video_decoder.h"
#include "host/media/yuv_picture.h"
#include "host/stamp/stamp.h"

namespace swarmcast::media {

// A file in memory, by a name that can be opened.
struct MemoryFile {
  explicit MemoryFile(const std::string& content) : fd(memfd_create("clip", MFD_CLOEXEC)) {
    EXPECT_EQ(write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    lseek(fd, 0, SEEK_SET);
  }
  ~MemoryFile() { close(fd); }
  std::string name() const { return "/proc/self/fd/" + std::to_string(fd); }
  int fd;
};

// A TCP port of the loopback that nobody has at the moment.
inline uint16_t unused_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&here), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size), 0);
  close(fd);
  return ntohs(here.sin_port);
}

// Each picture carries its number as a stamp.
inline std::string y4m_clip(int frames, int fps) {
  TestPicture picture(kWidth, kHeight);
  std::string clip = y4m_header(kWidth, kHeight, fps);
  for (int n = 0; n < frames; ++n)
    clip += y4m_frame(picture.draw(int64_t{n} * 1'000'000 / fps, n), kWidth, kHeight);
  return clip;
}

inline std::vector<uint64_t> stamps_of(const std::vector<StoredUnit>& units) {
  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  std::vector<uint64_t> stamps;
  for (const StoredUnit& u : units) {
    FramePtr picture = decoder->decode(*u.packet());
    EXPECT_TRUE(picture);
    if (!picture) continue;
    const auto stamp = read_stamp(picture->data[0], static_cast<size_t>(picture->linesize[0]),
                                  picture->width, picture->height);
    EXPECT_TRUE(stamp);
    stamps.push_back(stamp.value_or(UINT64_MAX));
  }
  return stamps;
}

// A clip with sound, made by our own NUT writer.
inline std::string nut_clip(int frames) {
  Pipe pipe;
  std::string clip;
  MediaThread reader("reader", [&] {
    char buffer[65536];
    for (ssize_t n; (n = read(pipe.read_end(), buffer, sizeof buffer)) > 0;)
      clip.append(buffer, static_cast<size_t>(n));
  });
  std::mutex mutex;
  std::condition_variable changed;
  int written = 0;
  {
    NutWriter writer(pipe.write_end(), {kWidth, kHeight, 20, 1},
                     {.presented =
                          [&](uint32_t, int64_t) {
                            std::lock_guard lock(mutex);
                            ++written;
                            changed.notify_all();
                          },
                      .failed = [](const std::string& sentence) { FAIL() << sentence; }});
    writer.start();
    TestPicture picture(kWidth, kHeight);
    int packets = 0;
    for (int n = 0; n < frames; ++n) {
      const int64_t at = n * 50'000;
      for (; packets * 20'000 <= at; ++packets)
        writer.sound(test_tone(packets * kAudioPacketSamples), packets * 20'000, 0);
      FramePtr frame = new_picture({kWidth, kHeight});
      const PictureView view = picture.draw(at, n);
      for (size_t p = 0; p < 3; ++p)
        for (int y = 0; y < (p ? kHeight / 2 : kHeight); ++y)
          std::memcpy(frame->data[p] + ptrdiff_t{y} * frame->linesize[p],
                      view.plane[p] + ptrdiff_t{y} * view.stride[p],
                      static_cast<size_t>(view.stride[p]));
      writer.picture(std::move(frame), static_cast<uint32_t>(n), at);
      std::unique_lock lock(mutex);
      EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return written > n; }));
    }
  }
  pipe.close_write();
  reader.join();
  return clip;
}

inline CaptureOptions options(const std::string& input) {
  CaptureOptions o;
  o.input = input;
  o.bitrate_kbps = 1000;
  return o;
}

inline CaptureOptions standard_input(int fd) {
  CaptureOptions o = options("-");
  o.stdin_fd = fd;
  return o;
}

// All that comes of an input, to its end.
inline std::unique_ptr<RecordingSink> captured(const CaptureOptions& o) {
  auto sink = std::make_unique<RecordingSink>();
  auto capture = create_capture(o, *sink);
  capture->start();
  EXPECT_TRUE(sink->wait_for_end());
  return sink;
}

// The same of a clip that comes through a pipe as fast as it is taken.
inline std::unique_ptr<RecordingSink> captured_from_pipe(const std::string& clip) {
  Pipe pipe;
  MediaThread writer("writer", [&] {
    EXPECT_TRUE(pipe.write_all(clip));
    pipe.close_write();
  });
  auto sink = captured(standard_input(pipe.read_end()));
  writer.join();
  return sink;
}

}  // namespace swarmcast::media
