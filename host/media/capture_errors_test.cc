// What a capture says about inputs that are missing, broken, silent or cut.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "host/media/capture_for_test.h"
#include "host/media/media_thread.h"

namespace swarmcast::media {
namespace {

// The sentence an input ends with, or "" for a regular end.
std::string end_of(const CaptureOptions& o) {
  RecordingSink sink;
  auto capture = create_capture(o, sink);
  capture->start();
  EXPECT_TRUE(sink.wait_for_end());
  capture->stop();
  EXPECT_EQ(sink.ends.size(), 1u);
  return sink.ends.empty() ? "never ended" : sink.ends[0];
}

TEST(CaptureErrorTest, BrokenInputsGetASentence) {
  std::mt19937 random(1);
  std::string garbage(200'000, '\0');
  for (char& c : garbage) c = static_cast<char>(random());
  const std::string clip = y4m_clip(5, 20);

  EXPECT_NE(end_of(options("/nonexistent/clip.mp4")).find("There is no \"/nonexistent"),
            std::string::npos);
  EXPECT_NE(end_of(options("/proc")).find("is a folder"), std::string::npos);
  const MemoryFile nothing("");
  EXPECT_NE(end_of(options(nothing.name())).find("is empty"), std::string::npos);
  EXPECT_NE(end_of(options("/dev/video99")).find("There is no camera"), std::string::npos);
  for (const std::string& content :
       {std::string(), garbage, std::string("just a text\n"), clip.substr(0, 20),
        clip.substr(0, 60), std::string("\x1a\x45\xdf\xa3 cut")}) {
    MemoryFile file(content);
    EXPECT_NE(end_of(options(file.name())), "") << content.size();
    Pipe pipe;
    const CaptureOptions o = standard_input(pipe.read_end());
    MediaThread writer("writer", [&] {
      pipe.write_all(content);
      pipe.close_write();
    });
    EXPECT_NE(end_of(o).find("tandard input"), std::string::npos) << content.size();
    pipe.close_read();
  }
}

TEST(CaptureErrorTest, AFileThatBreaksOffEndsAfterItsLastWholePicture) {
  const std::string clip = y4m_clip(6, 20);
  MemoryFile file(clip.substr(0, clip.size() - 30'000));
  const auto seen = captured(options(file.name()));
  const RecordingSink& sink = *seen;
  EXPECT_EQ(sink.ends[0], "");
  EXPECT_EQ(stamps_of(sink.video), (std::vector<uint64_t>{0, 1, 2, 3, 4}));
}

TEST(CaptureErrorTest, BadOptionsGetASentence) {
  for (auto [w, h, fps] : {std::tuple{8, 8, 20}, {5000, 360, 20}, {640, 360, 0}, {640, 360, 200}}) {
    CaptureOptions o = options("test");
    o.width = w;
    o.height = h;
    o.fps = fps;
    EXPECT_NE(end_of(o).find("--size"), std::string::npos);
  }
}

// FFmpeg decodes pictures of any size to find out what an input is: one of 16,000 by 16,000 samples
// takes a gigabyte and a half, and whoever pushes into a waiting address may send it.
TEST(CaptureErrorTest, FFmpegGetsNoMemoryOutOfAllProportion) {
  swarmcast_media_module_3();
  void* const usual = av_malloc(size_t{kMaxSide} * kMaxSide * 8);
  void* const monstrous = av_malloc(size_t{16'000} * 16'000 * 3 / 2);
  EXPECT_NE(usual, nullptr);
  EXPECT_EQ(monstrous, nullptr);
  av_free(usual);
  av_free(monstrous);
}

TEST(CaptureErrorTest, StopsWhileItsInputIsSilent) {
  Pipe pipe;
  const CaptureOptions o = standard_input(pipe.read_end());
  const auto fifo = testing::TempDir() + "/swarmcast_fifo_" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  for (const CaptureOptions& silent : {o, options(fifo)}) {
    RecordingSink sink;
    auto capture = create_capture(silent, sink);
    capture->start();
    const int64_t start = monotonic_us();
    capture->stop();
    EXPECT_LT(monotonic_us() - start, 2'000'000);
    EXPECT_TRUE(sink.ends.empty());
  }
  unlink(fifo.c_str());
  // The same in the middle of a stream.
  RecordingSink sink;
  auto capture = create_capture(o, sink);
  capture->start();
  EXPECT_TRUE(pipe.write_all(y4m_clip(2, 20)));
  ASSERT_TRUE(sink.wait_for_pictures(2));
  const int64_t start = monotonic_us();
  capture.reset();
  EXPECT_LT(monotonic_us() - start, 2'000'000);
  EXPECT_TRUE(sink.ends.empty());
}

}  // namespace
}  // namespace swarmcast::media
