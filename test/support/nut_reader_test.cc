#include "test/support/nut_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "host/stamp/stamp.h"

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/mathematics.h>
}

namespace swarmcast::test {
namespace {

constexpr int kWidth = 320, kHeight = 180;

int write_some(void* fd, uint8_t* data, int size) {
  return static_cast<int>(write(*static_cast<int*>(fd), data, static_cast<size_t>(size)));
}

void send(AVFormatContext* format, int stream, std::vector<uint8_t> bytes, int64_t pts_us) {
  AVPacket* packet = av_packet_alloc();
  packet->data = bytes.data();
  packet->size = static_cast<int>(bytes.size());
  packet->stream_index = stream;
  packet->pts = packet->dts =
      av_rescale_q(pts_us, {1, 1'000'000}, format->streams[stream]->time_base);
  packet->flags = AV_PKT_FLAG_KEY;
  av_write_frame(format, packet);
  av_packet_free(&packet);
}

// A NUT stream of `count` scenes with stamps, and as many 50 ms stretches of a square wave.
void write_nut(int fd, int count) {
  AVFormatContext* format = nullptr;
  avformat_alloc_output_context2(&format, nullptr, "nut", nullptr);
  constexpr int kBuffer = 4'096;
  format->pb = avio_alloc_context(static_cast<uint8_t*>(av_malloc(kBuffer)), kBuffer, 1, &fd,
                                  nullptr, &write_some, nullptr);
  AVCodecParameters& video = *avformat_new_stream(format, nullptr)->codecpar;
  video.codec_type = AVMEDIA_TYPE_VIDEO;
  video.codec_id = AV_CODEC_ID_RAWVIDEO;
  video.format = AV_PIX_FMT_YUV420P;
  video.codec_tag = MKTAG('I', '4', '2', '0');
  video.width = kWidth;
  video.height = kHeight;
  AVCodecParameters& audio = *avformat_new_stream(format, nullptr)->codecpar;
  audio.codec_type = AVMEDIA_TYPE_AUDIO;
  audio.codec_id = AV_CODEC_ID_PCM_S16LE;
  audio.sample_rate = 48'000;
  audio.ch_layout = AV_CHANNEL_LAYOUT_MONO;
  audio.block_align = 2;
  ASSERT_GE(avformat_write_header(format, nullptr), 0);
  for (int i = 0; i < count; ++i) {
    Picture420 picture = make_scene(i, kWidth, kHeight);
    write_stamp(picture.y(), kWidth, kWidth, kHeight, 1'000'000u + static_cast<unsigned>(i));
    send(format, 0, picture.bytes, i * 50'000);
    std::vector<uint8_t> sound(2 * 2'400);
    for (size_t s = 0; s < 2'400; ++s) {
      const int16_t sample = s / 100 % 2 == 0 ? 16'384 : -16'384;
      std::memcpy(&sound[2 * s], &sample, 2);
    }
    send(format, 1, sound, i * 50'000);
  }
  av_write_trailer(format);
  av_freep(&format->pb->buffer);
  avio_context_free(&format->pb);
  avformat_free_context(format);
}

TEST(NutReaderTest, GivesPicturesStampsAndSound) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  NutReader reader(ends[0]);
  write_nut(ends[1], 8);
  close(ends[1]);
  ASSERT_TRUE(reader.wait_end(milliseconds(5'000)));
  EXPECT_EQ(reader.error(), "");
  const auto pictures = reader.pictures();
  ASSERT_EQ(pictures.size(), 8u);
  for (int i = 0; i < 8; ++i) {
    const SeenPicture& seen = pictures[static_cast<size_t>(i)];
    EXPECT_EQ(seen.pts_us, i * 50'000);
    EXPECT_EQ(seen.width, kWidth);
    EXPECT_EQ(seen.height, kHeight);
    EXPECT_EQ(seen.stamp, 1'000'000u + static_cast<unsigned>(i));
    Picture420 expected = make_scene(i, kWidth, kHeight);
    write_stamp(expected.y(), kWidth, kWidth, kHeight, *seen.stamp);
    EXPECT_EQ(psnr(seen.thumbnail, shrink(expected.y(), kWidth, kWidth, kHeight)), 99);
  }
  const auto sound = reader.sound();
  ASSERT_EQ(sound.size(), 8u);
  EXPECT_EQ(sound[3].samples, 2'400);
  EXPECT_EQ(sound[3].pts_us, 150'000);
  EXPECT_NEAR(sound[3].rms, 0.5, 0.001);
}

TEST(NutReaderTest, GivesPicturesBeforeTheStreamEnds) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  NutReader reader(ends[0]);
  write_nut(ends[1], 8);
  EXPECT_TRUE(reader.wait_pictures(5, milliseconds(5'000)));
  EXPECT_FALSE(reader.wait_end(milliseconds(50)));
  close(ends[1]);
}

TEST(NutReaderTest, SaysWhatIsNotNut) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  NutReader reader(ends[0]);
  const std::string text = "this is no stream\n";
  ASSERT_GT(write(ends[1], text.data(), text.size()), 0);
  close(ends[1]);
  ASSERT_TRUE(reader.wait_end(milliseconds(5'000)));
  EXPECT_NE(reader.error(), "");
  EXPECT_TRUE(reader.pictures().empty());
}

TEST(NutReaderTest, CanBeDroppedWhileNothingComes) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    NutReader reader(ends[0]);
  }
  close(ends[1]);
}

TEST(NutReaderTest, LongestGapCountsTheEdges) {
  const auto at = [](int64_t us) { return SeenPicture{.arrived_us = us}; };
  const std::vector<SeenPicture> pictures = {at(100), at(150), at(350), at(400)};
  EXPECT_EQ(longest_gap_us(pictures, 90, 410), 200);
  EXPECT_EQ(longest_gap_us(pictures, 90, 900), 500);
  EXPECT_EQ(longest_gap_us(pictures, 200, 300), 100);
  EXPECT_EQ(longest_gap_us({}, 0, 70), 70);
}

}  // namespace
}  // namespace swarmcast::test
