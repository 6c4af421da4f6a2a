// Captures in real time, from inputs the tests make themselves. Bounds on time are wide: the
// machine may be busy; the figures of interest are printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "host/media/capture_for_test.h"
#include "host/media/media_thread.h"
#include "host/media/opus_codec.h"

namespace swarmcast::media {
namespace {

int64_t percentile(std::vector<int64_t> values, size_t percent) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[std::min(values.size() - 1, values.size() * percent / 100)];
}

// When the second of the test picture's flashes, or beeps, was captured; 0 = never.
int64_t second_flash(const std::vector<StoredUnit>& video) {
  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  for (size_t n = 0; n < video.size(); ++n) {
    FramePtr p = decoder->decode(*video[n].packet());
    if (!p) return 0;
    const int x = p->width * 15 / 16;
    const bool flash = p->data[0][ptrdiff_t{p->height / 5} * p->linesize[0] + x] > 200;
    if (flash && n > 5) return video[n].head.captured_us;
  }
  return 0;
}

int64_t second_beep(const std::vector<StoredUnit>& audio) {
  auto decoder = SoundDecoder::create();
  for (size_t n = 0; n < audio.size(); ++n) {
    const auto samples = decoder->decode(audio[n].payload);
    if (!samples) return 0;
    const bool loud = *std::max_element(samples->begin(), samples->end()) > 2000;
    if (loud && n > 10) return audio[n].head.captured_us;
  }
  return 0;
}

TEST(CaptureTest, TestPictureKeepsTimeAndCarriesItsStamp) {
  const auto seen = undisturbed([] {
    auto out = std::make_unique<RecordingSink>();
    auto capture = create_capture(options("test"), *out);
    EXPECT_EQ(capture->describe(), std::nullopt);
    capture->start();
    EXPECT_TRUE(out->wait_for_pictures(30));
    capture->stop();
    EXPECT_EQ(capture->describe(), out->formats.at(0));
    return out;
  });
  const RecordingSink& sink = *seen;
  ASSERT_EQ(sink.formats.size(), 1u);
  EXPECT_EQ(sink.formats[0], (StreamFormat{640, 360, 20, 1}));
  EXPECT_TRUE(sink.ends.empty()) << "stopped, not ended";
  ASSERT_GE(sink.video.size(), 30u);

  const int64_t span = sink.video[29].head.captured_us - sink.video[0].head.captured_us;
  EXPECT_NEAR(static_cast<double>(span), 29 * 50e3, 100e3);
  const auto stamps = stamps_of(sink.video);
  std::vector<int64_t> latency;
  for (size_t n = 0; n < sink.video.size(); ++n) {
    EXPECT_EQ(stamps[n], static_cast<uint64_t>(sink.video[n].head.captured_us));
    latency.push_back(sink.video[n].given_us - sink.video[n].head.captured_us);
  }
  std::cout << "test picture: capture to encoded unit p50 " << percentile(latency, 50)
            << " us, p95 " << percentile(latency, 95) << " us\n";

  // Sound in step: 50 packets a second, 20 ms apart.
  EXPECT_NEAR(static_cast<double>(sink.audio.size()), 29 * 50 / 20, 10);
  for (size_t n = 1; n < sink.audio.size(); ++n)
    EXPECT_EQ(sink.audio[n].head.captured_us - sink.audio[n - 1].head.captured_us, 20'000);

  const int64_t flash_us = second_flash(sink.video);
  const int64_t beep_us = second_beep(sink.audio);
  EXPECT_NE(flash_us, 0);
  EXPECT_NE(beep_us, 0);
  EXPECT_LE(std::abs(flash_us - beep_us), 60'000);
}

TEST(CaptureTest, KeyFramesOnDemandAreRateLimited) {
  RecordingSink sink;
  auto capture = create_capture(options("test"), sink);
  capture->start();
  ASSERT_TRUE(sink.wait_for_pictures(12));
  for (size_t n = 13; n < 32; ++n) {
    capture->request_key_frame();
    ASSERT_TRUE(sink.wait_for_pictures(n));
  }
  capture->stop();
  std::vector<int64_t> keys;
  for (const StoredUnit& u : sink.video)
    if (u.head.key) keys.push_back(u.head.captured_us);
  ASSERT_GE(keys.size(), 3u);
  ASSERT_LE(keys.size(), 4u);
  for (size_t n = 1; n < keys.size(); ++n) EXPECT_GE(keys[n] - keys[n - 1], 500'000);
}

TEST(CaptureTest, StoredClipThroughAPipePlaysInRealTimeToItsLastPicture) {
  const auto seen = undisturbed([] {
    const std::string clip = y4m_clip(30, 20);
    const int64_t start = monotonic_us();
    auto out = captured_from_pipe(clip);
    EXPECT_GE(monotonic_us() - start, 1'400'000);
    return out;
  });
  const RecordingSink& sink = *seen;
  EXPECT_EQ(sink.ends, std::vector<std::string>{""});
  EXPECT_EQ(sink.formats.at(0), (StreamFormat{kWidth, kHeight, 20, 0}));
  const auto stamps = stamps_of(sink.video);
  ASSERT_EQ(stamps.size(), 30u);
  for (size_t n = 0; n < stamps.size(); ++n) EXPECT_EQ(stamps[n], n);
  for (size_t n = 1; n < stamps.size(); ++n)
    EXPECT_NEAR(
        static_cast<double>(sink.video[n].head.captured_us - sink.video[n - 1].head.captured_us),
        50e3, 45e3);
}

// The producer is a camera: it writes each picture when it is taken, and does not wait.
TEST(CaptureTest, LivePipeGathersNoDelay) {
  const auto seen = undisturbed([] {
    Pipe pipe;
    MediaThread camera("camera", [&] {
      TestPicture picture(kWidth, kHeight);
      const int64_t start = monotonic_us();
      std::string head = y4m_header(kWidth, kHeight, 20);
      for (int n = 0; n < 44; ++n) {
        std::this_thread::sleep_until(monotonic_point(start + n * 50'000));
        const int64_t now = monotonic_us();
        EXPECT_TRUE(
            pipe.write_all(head + y4m_frame(picture.draw(n * 50'000, now), kWidth, kHeight)));
        head.clear();
      }
      pipe.close_write();
    });
    auto out = captured(standard_input(pipe.read_end()));
    camera.join();
    return out;
  });
  const RecordingSink& sink = *seen;
  const auto stamps = stamps_of(sink.video);
  ASSERT_GE(stamps.size(), 40u);
  std::vector<int64_t> latency;
  for (size_t n = 25; n < stamps.size(); ++n)
    latency.push_back(sink.video[n].given_us - static_cast<int64_t>(stamps[n]));
  std::cout << "live Y4M pipe: stamp to encoded unit p50 " << percentile(latency, 50) << " us, p95 "
            << percentile(latency, 95) << " us\n";
  EXPECT_LT(percentile(latency, 50), 50'000);
}

TEST(CaptureTest, FasterFilesLosePicturesEvenly) {
  MemoryFile file(y4m_clip(30, 25));
  const auto seen = undisturbed([&] { return captured(options(file.name())); });
  const RecordingSink& sink = *seen;
  EXPECT_EQ(sink.ends, std::vector<std::string>{""});
  const auto stamps = stamps_of(sink.video);
  EXPECT_NEAR(static_cast<double>(stamps.size()), 24, 2);
  for (size_t n = 1; n < stamps.size(); ++n) {
    EXPECT_GE(stamps[n] - stamps[n - 1], 1u);
    EXPECT_LE(stamps[n] - stamps[n - 1], 2u);
  }
}

TEST(CaptureTest, SlowerFilesRepeatPictures) {
  MemoryFile file(y4m_clip(12, 10));
  const auto seen = undisturbed([&] { return captured(options(file.name())); });
  const RecordingSink& sink = *seen;
  const auto stamps = stamps_of(sink.video);
  EXPECT_NEAR(static_cast<double>(stamps.size()), 23, 2);
  EXPECT_TRUE(std::is_sorted(stamps.begin(), stamps.end()));
  EXPECT_EQ(stamps.back(), 11u);
}

TEST(CaptureTest, AStalledProducerKeepsTheStreamAliveAndMayGoOn) {
  Pipe pipe;
  RecordingSink sink;
  const CaptureOptions o = standard_input(pipe.read_end());
  auto capture = create_capture(o, sink);
  capture->start();
  TestPicture picture(kWidth, kHeight);
  EXPECT_TRUE(pipe.write_all(y4m_header(kWidth, kHeight, 20)));
  for (int n = 0; n < 3; ++n)
    EXPECT_TRUE(pipe.write_all(y4m_frame(picture.draw(0, n), kWidth, kHeight)));
  ASSERT_TRUE(sink.wait_for_pictures(9)) << "three pictures, then repetitions";
  for (int n = 3; n < 8; ++n)
    EXPECT_TRUE(pipe.write_all(y4m_frame(picture.draw(0, n), kWidth, kHeight)));
  pipe.close_write();
  ASSERT_TRUE(sink.wait_for_end());
  EXPECT_EQ(sink.ends[0], "");
  const auto stamps = stamps_of(sink.video);
  EXPECT_TRUE(std::is_sorted(stamps.begin(), stamps.end()));
  EXPECT_EQ(stamps.back(), 7u);
}

void expect_clip_with_sound(const RecordingSink& sink, size_t frames) {
  EXPECT_EQ(sink.ends, std::vector<std::string>{""});
  ASSERT_EQ(sink.formats.size(), 1u);
  EXPECT_EQ(sink.formats[0], (StreamFormat{kWidth, kHeight, 20, 1}));
  const auto stamps = stamps_of(sink.video);
  ASSERT_EQ(stamps.size(), frames);
  for (size_t n = 0; n < stamps.size(); ++n) EXPECT_EQ(stamps[n], n);
  EXPECT_GE(sink.audio.size(), frames * 5 / 2 - 2);
}

TEST(CaptureTest, NutWithSoundOnStandardInput) {
  const std::string clip = nut_clip(28);
  const auto seen = undisturbed([&] { return captured_from_pipe(clip); });
  const RecordingSink& sink = *seen;
  expect_clip_with_sound(sink, 28);
  EXPECT_NEAR(static_cast<double>(second_beep(sink.audio) - sink.video.at(20).head.captured_us), 0,
              60e3);
}

TEST(CaptureTest, FileRedirectedToStandardInput) {
  MemoryFile file(nut_clip(6));
  const auto seen = undisturbed([&] {
    lseek(file.fd, 0, SEEK_SET);
    return captured(standard_input(file.fd));
  });
  const RecordingSink& sink = *seen;
  expect_clip_with_sound(sink, 6);
}

// Nobody has come yet, but people can join: there is a stream, and what it shows is a card.
TEST(CaptureTest, AnAddressThatWaitsIsLiveAtOnce) {
  RecordingSink sink;
  CaptureOptions o = options("tcp://127.0.0.1:" + std::to_string(unused_port()) + "?listen");
  o.height = 180;
  auto capture = create_capture(o, sink);
  capture->start();
  ASSERT_TRUE(sink.wait_for_pictures(4));
  capture->stop();
  ASSERT_EQ(sink.formats.size(), 1u);
  EXPECT_EQ(sink.formats[0], (StreamFormat{320, 180, kDefaultFps, 1, VideoCodec::kH264}));
  ASSERT_EQ(sink.notices.size(), 1u);
  EXPECT_EQ(sink.notices[0].find("Waiting for a sender at tcp://127.0.0.1:"), 0u);
  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  const FramePtr card = decoder->decode(*sink.video[0].packet());
  ASSERT_TRUE(card);
  const uint8_t* const middle = card->data[0] + ptrdiff_t{kHeight / 2} * card->linesize[0];
  EXPECT_GT(*std::max_element(middle, middle + kWidth), 180);
}

TEST(CaptureTest, SoundCanBeSwitchedOff) {
  MemoryFile file(nut_clip(4));
  RecordingSink sink;
  CaptureOptions o = options(file.name());
  o.sound = false;
  auto capture = create_capture(o, sink);
  capture->start();
  ASSERT_TRUE(sink.wait_for_end());
  EXPECT_EQ(sink.formats.at(0).audio_channels, 0);
  EXPECT_TRUE(sink.audio.empty());
}

TEST(CaptureTest, CompressedFileOfAnotherSize) {
  const std::string clip = "/usr/share/doc/opencv-doc/examples/data/vtest.avi";
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "opencv-doc is not installed";
  RecordingSink sink;
  auto capture = create_capture(options(clip), sink);
  capture->start();
  ASSERT_TRUE(sink.wait_for_pictures(12));
  capture->stop();
  EXPECT_EQ(sink.formats.at(0), (StreamFormat{480, 360, 20, 0}));
  size_t bytes = 0;
  for (const StoredUnit& u : sink.video) bytes += u.payload.size();
  std::cout << "street scene: key frame " << sink.video[0].payload.size() << " bytes, mean "
            << bytes / sink.video.size() << "\n";
}

}  // namespace
}  // namespace swarmcast::media
