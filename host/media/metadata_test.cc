// What an input says beside its pictures and sound goes nowhere. The ffmpeg program makes inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "host/media/capture_for_test.h"

namespace swarmcast::media {
namespace {

constexpr char kMarker[] = "Xq7MARKERz9";  // as title, as place, as date, in user data

struct Clip {
  explicit Clip(const std::string& arguments)
      : path(testing::TempDir() + "swarmcast-metadata-" + std::to_string(getpid()) + ".mp4") {
    const std::string command = "ffmpeg -nostdin -y -v error " + arguments + " " + path;
    made = std::system(command.c_str()) == 0;
  }
  ~Clip() { unlink(path.c_str()); }
  std::string path;
  bool made = false;
};

bool has_ffmpeg() { return std::system("ffmpeg -version >/dev/null 2>&1") == 0; }

std::string as_uuid_and_text() {
  return "086f3693-b7b3-4f2c-9653-21492feee5b8+" + std::string(kMarker);
}

std::vector<uint8_t> content_of(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  std::vector<uint8_t> out(1 << 20);
  if (file) out.resize(std::fread(out.data(), 1, out.size(), file));
  if (file) std::fclose(file);
  return out;
}

bool holds(const std::vector<uint8_t>& bytes, const std::string& text) {
  return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
}

constexpr char kSource[] =
    "-f lavfi -i testsrc2=s=320x180:r=20:d=1 -f lavfi -i sine=f=440:d=1 -c:v libx264 -c:a aac ";

TEST(MetadataTest, TitlesPlacesDatesAndUserDataStayHere) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const Clip clip(std::string(kSource) +
                  "-bsf:v h264_metadata=sei_user_data=" + as_uuid_and_text() +
                  " -metadata title=" + kMarker + " -metadata comment=" + kMarker +
                  " -metadata location=+48.1234+011.5678/ -metadata " +
                  "creation_time=2021-03-04T05:06:07Z -metadata:s:v handler_name=" + kMarker +
                  " -movflags +use_metadata_tags");
  ASSERT_TRUE(clip.made);
  const auto file = content_of(clip.path);
  const std::vector<std::string> markers = {kMarker, "48.1234", "x264", "Lavf", "Lavc", "libopus"};
  ASSERT_TRUE(holds(file, kMarker) && holds(file, "48.1234") && holds(file, "x264"));
  for (const VideoCodec codec : {VideoCodec::kH264, VideoCodec::kVp9, VideoCodec::kAv1}) {
    CaptureOptions o = options(clip.path);
    o.codec = codec;
    const auto seen = undisturbed([&] { return captured(o); });
    const RecordingSink& sink = *seen;
    EXPECT_EQ(sink.ends, std::vector<std::string>{""});
    EXPECT_GE(sink.video.size(), 18u);
    EXPECT_GE(sink.audio.size(), 40u);
    for (const auto* track : {&sink.video, &sink.audio})
      for (const StoredUnit& unit : *track)
        for (const std::string& marker : markers) EXPECT_FALSE(holds(unit.payload, marker));
  }
}

TEST(MetadataTest, APhonesPictureIsTurnedUpright) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  // Stored 320x180, to be shown turned to the left: the red half at the left becomes the lower one.
  const Clip stored(
      "-f lavfi -i color=red:s=160x180:r=20:d=1 -f lavfi -i color=blue:s=160x180:r=20:d=1 "
      "-filter_complex hstack -c:v libx264 -pix_fmt yuv420p");
  ASSERT_TRUE(stored.made);
  const std::string upright = stored.path + ".turned.mp4";
  ASSERT_EQ(std::system(("ffmpeg -nostdin -y -v error -i " + stored.path +
                         " -c copy -metadata:s:v rotate=90 " + upright)
                            .c_str()),
            0);
  RecordingSink sink;
  auto capture = create_capture(options(upright), sink);
  capture->start();
  EXPECT_TRUE(sink.wait_for_end());
  unlink(upright.c_str());
  ASSERT_EQ(sink.formats.size(), 1u);
  EXPECT_EQ(sink.formats[0].width, 180);
  EXPECT_EQ(sink.formats[0].height, 320);
  ASSERT_FALSE(sink.video.empty());
  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  const FramePtr picture = decoder->decode(*sink.video[0].packet());
  ASSERT_TRUE(picture);
  const auto red = [&](int x, int y) { return picture->data[2][y * picture->linesize[2] + x]; };
  EXPECT_LT(red(45, 20), 128) << "above";
  EXPECT_GT(red(45, 140), 200) << "below";
}

TEST(SoundOnlyTest, AFileWithoutAPictureIsABroadcast) {
  if (!has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not installed";
  const Clip clip("-f lavfi -i sine=f=440:d=1 -c:a aac");
  ASSERT_TRUE(clip.made);
  RecordingSink sink;
  const int64_t start_us = monotonic_us();
  auto capture = create_capture(options(clip.path), sink);
  capture->start();
  ASSERT_TRUE(sink.wait_for_end());
  EXPECT_EQ(sink.ends[0], "");
  ASSERT_EQ(sink.formats.size(), 1u);
  EXPECT_EQ(sink.formats[0].codec, VideoCodec::kNone);
  EXPECT_EQ(sink.formats[0].audio_channels, 1);
  EXPECT_TRUE(sink.video.empty());
  EXPECT_GE(sink.audio.size(), 48u);
  EXPECT_GT(monotonic_us() - start_us, 800'000) << "in real time";
}

}  // namespace
}  // namespace swarmcast::media
