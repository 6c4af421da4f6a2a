// Browsers may send VP8; this program only shows it.
#include <gtest/gtest.h>

#include "host/media/media_for_test.h"
#include "host/media/test_picture.h"
#include "host/media/video_decoder.h"
#include "host/stamp/stamp.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace swarmcast::media {
namespace {

// As a browser's: nothing held back.
CodecContextPtr vp8_encoder() {
  const AVCodec* codec = avcodec_find_encoder_by_name("libvpx");
  CodecContextPtr context(codec ? avcodec_alloc_context3(codec) : nullptr);
  if (!context) return nullptr;
  context->width = kWidth;
  context->height = kHeight;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, 1'000'000};
  context->bit_rate = 400'000;
  context->thread_count = 1;
  av_opt_set(context->priv_data, "deadline", "realtime", 0);
  av_opt_set_int(context->priv_data, "lag-in-frames", 0, 0);
  return avcodec_open2(context.get(), codec, nullptr) < 0 ? nullptr : std::move(context);
}

TEST(Vp8DecoderTest, EveryUnitGivesItsPictureAtOnce) {
  const CodecContextPtr encoder = vp8_encoder();
  if (!encoder) GTEST_SKIP() << "this FFmpeg has no VP8 encoder";
  const auto decoder = VideoDecoder::create(VideoCodec::kVp8);
  ASSERT_TRUE(decoder);
  TestPicture test_picture(kWidth, kHeight);
  for (int n = 0; n < 40; ++n) {
    const int64_t at = n * kPeriod;
    const PictureView view = test_picture.draw(at, 1'000 + n);
    const FramePtr frame = new_frame();
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = kWidth;
    frame->height = kHeight;
    frame->pts = at;
    for (int i = 0; i < 3; ++i) {
      frame->data[i] = const_cast<uint8_t*>(view.plane[i]);  // only read
      frame->linesize[i] = view.stride[i];
    }
    ASSERT_EQ(avcodec_send_frame(encoder.get(), frame.get()), 0);
    const PacketPtr unit = new_packet();
    ASSERT_EQ(avcodec_receive_packet(encoder.get(), unit.get()), 0) << n;
    const FramePtr picture = decoder->decode(*unit);
    ASSERT_TRUE(picture) << n;
    EXPECT_EQ(
        read_stamp(picture->data[0], static_cast<size_t>(picture->linesize[0]), kWidth, kHeight),
        1'000 + n);
  }
}

TEST(Vp8DecoderTest, RubbishGivesNoPictureAndEndsNothing) {
  const auto decoder = VideoDecoder::create(VideoCodec::kVp8);
  ASSERT_TRUE(decoder);
  const PacketPtr unit = new_packet();
  ASSERT_EQ(av_new_packet(unit.get(), 100), 0);
  std::memset(unit->data, 0x5a, 100);
  EXPECT_FALSE(decoder->decode(*unit));
  decoder->reset();
  EXPECT_FALSE(decoder->decode(*unit));
}

}  // namespace
}  // namespace swarmcast::media
