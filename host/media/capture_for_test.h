// Inputs and checks that the capture tests share.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include "host/media/capture.h"
#include "host/media/h264_decoder.h"
#include "host/media/media_for_test.h"
#include "host/media/test_picture.h"
#include "host/stamp/stamp.h"

namespace swarmcast::media {

inline constexpr int kWidth = 320;
inline constexpr int kHeight = 180;

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

// Each picture carries its number as a stamp.
inline std::string y4m_clip(int frames, int fps) {
  TestPicture picture(kWidth, kHeight);
  std::string clip = y4m_header(kWidth, kHeight, fps);
  for (int n = 0; n < frames; ++n)
    clip += y4m_frame(picture.draw(int64_t{n} * 1'000'000 / fps, n), kWidth, kHeight);
  return clip;
}

inline std::vector<uint64_t> stamps_of(const std::vector<StoredUnit>& units) {
  auto decoder = H264Decoder::create();
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

inline CaptureOptions options(const std::string& input) {
  CaptureOptions o;
  o.input = input;
  o.bitrate_kbps = 1000;
  return o;
}

}  // namespace swarmcast::media
