// The player: presentation on time, recovery, and its NUT stream read back by libavformat.
#include "host/media/player.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <random>

#include "host/media/fd_reader.h"
#include "host/media/h264_encoder.h"
#include "host/media/media_for_test.h"
#include "host/media/media_thread.h"
#include "host/media/opus_codec.h"
#include "host/media/test_picture.h"
#include "host/stamp/stamp.h"

namespace swarmcast::media {
namespace {

std::vector<StoredUnit> encoded(int count, int width = kWidth, int height = kHeight) {
  auto encoder = H264Encoder::create({width, height, 20, 500});
  TestPicture picture(width, height);
  std::vector<StoredUnit> units;
  for (int n = 0; n < count; ++n)
    units.emplace_back(*encoder->encode(picture.draw(n * kPeriod, n), n * kPeriod, n % 20 == 0));
  return units;
}

class RecordingPlayerSink : public PlayerSink {
 public:
  struct Shown {
    uint32_t number;
    int64_t captured_us, presented_us;
  };
  void on_presented(uint32_t number, int64_t captured, int64_t presented_us) override {
    change([&] { shown.push_back({number, captured, presented_us}); });
  }
  void on_need_key_frame() override {
    change([&] { ++keys_needed; });
  }
  void on_error(const std::string& sentence) override {
    change([&] { errors.push_back(sentence); });
  }
  void on_closed() override {}
  void on_notice(const std::string&) override {}
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(10), condition);
  }
  bool wait_for_shown(size_t n) {
    return wait([&] { return shown.size() >= n; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Shown> shown;
  int keys_needed = 0;
  std::vector<std::string> errors;

 private:
  template <typename F>
  void change(F f) {
    std::lock_guard lock(mutex);
    f();
    changed.notify_all();
  }
};

TEST(PlayerTest, PresentsOnTimeWhatIsToBeShown) {
  RecordingPlayerSink sink;
  auto player = create_player({}, sink);
  player->start();
  const auto units = encoded(24);
  const int64_t start = monotonic_us() + 50'000;
  for (size_t n = 0; n < units.size(); ++n)
    player->decode_video(units[n].unit(), static_cast<uint32_t>(n),
                         start + static_cast<int64_t>(n) * 20'000, n % 3 != 1);
  ASSERT_TRUE(sink.wait_for_shown(16));
  player.reset();
  ASSERT_EQ(sink.shown.size(), 16u);
  EXPECT_EQ(sink.keys_needed, 0);
  int64_t worst = 0;
  for (const auto& s : sink.shown) {
    EXPECT_NE(s.number % 3, 1u);
    EXPECT_EQ(s.captured_us, s.number * kPeriod);
    const int64_t late = s.presented_us - (start + s.number * 20'000);
    EXPECT_GE(late, 0);
    worst = std::max(worst, late);
  }
  std::cout << "presented at most " << worst << " us after its moment\n";
}

TEST(PlayerTest, AsksForAKeyFrameOncePerLoss) {
  RecordingPlayerSink sink;
  auto player = create_player({}, sink);
  player->start();
  const auto units = encoded(42);
  const auto give = [&](size_t n) {
    player->decode_video(units[n].unit(), static_cast<uint32_t>(n), 0, true);
  };
  for (size_t n = 3; n < 10; ++n) give(n);  // joined in the middle
  ASSERT_TRUE(sink.wait([&] { return sink.keys_needed == 1; }));
  for (size_t n = 20; n < 24; ++n) give(n);
  ASSERT_TRUE(sink.wait_for_shown(4));
  StoredUnit damaged = units[24];
  std::mt19937 random(1);
  for (uint8_t& b : damaged.payload) b = static_cast<uint8_t>(random());
  player->decode_video(damaged.unit(), 24, 0, true);
  for (size_t n = 25; n < 40; ++n) give(n);
  ASSERT_TRUE(sink.wait([&] { return sink.keys_needed == 2; }));
  give(40);
  give(41);
  ASSERT_TRUE(sink.wait_for_shown(6));
  EXPECT_EQ(sink.keys_needed, 2);
  EXPECT_EQ(sink.shown.back().number, 41u);
}

TEST(PlayerTest, HostileUnitsAreHarmlessAndAKeyFrameHeals) {
  RecordingPlayerSink sink;
  auto player = create_player({}, sink);
  player->start();
  const auto units = encoded(10);
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    for (uint32_t n = 0; n < 30; ++n) {
      StoredUnit unit = units[n % units.size()];
      unit.payload.resize(random() % 4 == 0 ? 0 : random() % unit.payload.size());
      // Half of the damage hits the parameter sets.
      const size_t reach = std::min(unit.payload.size(), n % 2 ? unit.payload.size() : 40);
      for (int i = 0; i < 10 && reach > 0; ++i)
        unit.payload[random() % reach] = static_cast<uint8_t>(random());
      unit.head.key = random() % 2 == 0;
      player->decode_video(unit.unit(), n, 0, true);
      player->decode_audio(unit.unit(), n, 0);
    }
    const uint32_t number = 1000 + seed;
    player->decode_video(units[0].unit(), number, 0, true);
    ASSERT_TRUE(sink.wait([&] {
      return !sink.shown.empty() && sink.shown.back().number == number;
    })) << "seed "
        << seed;
  }
}

TEST(PlayerTest, TooMuchWaitingStartsAfresh) {
  RecordingPlayerSink sink;
  auto player = create_player({}, sink);
  player->start();
  const auto units = encoded(20);
  const int64_t far = monotonic_us() + 3'600'000'000;
  for (uint32_t n = 0; n < 300; ++n)
    player->decode_video(units[n % 20].unit(), n, far, true);  // decodes four and waits
  EXPECT_TRUE(sink.wait([&] { return sink.keys_needed == 1; }));
  player.reset();
  EXPECT_TRUE(sink.shown.empty());
}

std::string read_all(int fd) {
  std::string all;
  char buffer[65536];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<size_t>(n));
  return all;
}

struct NutContent {
  std::vector<int64_t> video_us, audio_us;
  std::vector<uint64_t> stamps;
  int width = 0, height = 0;
  double peak = 0;
};

NutContent parse_nut(const std::string& bytes) {
  NutContent content;
  Pipe pipe;
  MediaThread writer("writer", [&] {
    pipe.write_all(bytes);
    pipe.close_write();
  });
  StopSignal stop;
  FdReader reader(pipe.read_end(), false, stop);
  AVFormatContext* raw = avformat_alloc_context();
  raw->pb = reader.avio();
  EXPECT_EQ(avformat_open_input(&raw, "", nullptr, nullptr), 0);
  InputContextPtr context(raw);
  EXPECT_STREQ(context->iformat->name, "nut");
  PacketPtr packet = new_packet();
  while (av_read_frame(context.get(), packet.get()) >= 0) {
    const AVStream& stream = *context->streams[packet->stream_index];
    const int64_t us = av_rescale_q(packet->pts, stream.time_base, kMicroseconds);
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
      content.width = stream.codecpar->width;
      content.height = stream.codecpar->height;
      EXPECT_EQ(stream.codecpar->codec_id, AV_CODEC_ID_RAWVIDEO);
      EXPECT_EQ(stream.codecpar->codec_tag, avcodec_pix_fmt_to_codec_tag(AV_PIX_FMT_YUV420P));
      EXPECT_EQ(packet->size, content.width * content.height * 3 / 2);
      content.video_us.push_back(us);
      content.stamps.push_back(read_stamp(packet->data, static_cast<size_t>(content.width),
                                          content.width, content.height)
                                   .value_or(UINT64_MAX));
    } else {
      EXPECT_EQ(stream.codecpar->codec_id, AV_CODEC_ID_PCM_S16LE);
      content.audio_us.push_back(us);
      for (int i = 0; i + 1 < packet->size; i += 2)
        content.peak = std::max<double>(
            content.peak, static_cast<int16_t>(packet->data[i] | packet->data[i + 1] << 8));
    }
    av_packet_unref(packet.get());
  }
  return content;
}

TEST(PlayerTest, NutCarriesPicturesAndSoundAtTheirCaptureTimes) {
  Pipe pipe;
  std::string bytes;
  MediaThread reader("reader", [&] { bytes = read_all(pipe.read_end()); });
  RecordingPlayerSink sink;
  PlayerOptions options{PlayerOptions::Output::kNut, pipe.write_end(), {kWidth, kHeight, 20, 1}};
  auto player = create_player(options, sink);
  player->start();
  const auto units = encoded(20);
  auto sound = SoundEncoder::create();
  for (uint32_t n = 0; n < 50; ++n) {
    EncodedUnit packet;
    packet.payload = sound->encode(test_tone(n * kAudioPacketSamples));
    packet.captured_us = n * 20'000;
    if (n == 10 || n == 11) continue;  // lost
    player->decode_audio(packet, n, 0);
  }
  // One after the other: what comes faster than it is written is left out.
  for (uint32_t n = 0; n < 20; ++n) {
    player->decode_video(units[n].unit(), n, 0, true);
    EXPECT_TRUE(sink.wait_for_shown(n + 1));
  }
  player.reset();
  pipe.close_write();
  reader.join();
  const NutContent content = parse_nut(bytes);
  EXPECT_EQ(content.width, kWidth);
  EXPECT_EQ(content.height, kHeight);
  ASSERT_EQ(content.video_us.size(), 20u);
  for (size_t n = 0; n < 20; ++n) {
    EXPECT_EQ(content.stamps[n], n);
    EXPECT_EQ(content.video_us[n], static_cast<int64_t>(n) * kPeriod);
  }
  ASSERT_GE(content.audio_us.size(), 40u);
  for (size_t n = 0; n < content.audio_us.size(); ++n)
    EXPECT_NEAR(static_cast<double>(content.audio_us[n]), static_cast<double>(n) * 20'000, 25)
        << "lost packets are concealed";
  EXPECT_GT(content.peak, 3000);
}

TEST(PlayerTest, NutKeepsItsSizeWhenTheStreamChangesIts) {
  Pipe pipe;
  std::string bytes;
  MediaThread reader("reader", [&] { bytes = read_all(pipe.read_end()); });
  RecordingPlayerSink sink;
  auto player = create_player(
      {PlayerOptions::Output::kNut, pipe.write_end(), {kWidth, kHeight, 20, 0}}, sink);
  player->start();
  const auto small = encoded(1);
  const auto large = encoded(1, 640, 360);
  player->decode_video(small[0].unit(), 0, 0, true);
  EncodedUnit second = large[0].unit();
  second.captured_us = kPeriod;
  player->decode_video(second, 1, 0, true);
  ASSERT_TRUE(sink.wait_for_shown(2));
  player.reset();
  pipe.close_write();
  reader.join();
  EXPECT_EQ(parse_nut(bytes).stamps, (std::vector<uint64_t>{0, 0}));
}

TEST(PlayerTest, AClosedPipeIsASentenceNotADeath) {
  struct sigaction action{};
  ASSERT_EQ(sigaction(SIGPIPE, nullptr, &action), 0);
  ASSERT_EQ(action.sa_handler, SIG_DFL) << "SIGPIPE would end this program";
  Pipe pipe;
  RecordingPlayerSink sink;
  auto player = create_player(
      {PlayerOptions::Output::kNut, pipe.write_end(), {kWidth, kHeight, 20, 0}}, sink);
  pipe.close_read();
  player->start();
  const auto units = encoded(10);
  for (uint32_t n = 0; n < 10; ++n) player->decode_video(units[n].unit(), n, 0, true);
  ASSERT_TRUE(sink.wait([&] { return !sink.errors.empty(); }));
  player.reset();
  EXPECT_EQ(sink.errors.size(), 1u);
  EXPECT_NE(sink.errors[0].find("closed its end"), std::string::npos);
  EXPECT_TRUE(sink.shown.empty());
}

TEST(PlayerTest, AReaderThatSleepsHoldsUpNothing) {
  Pipe pipe;
  RecordingPlayerSink sink;
  auto player = create_player(
      {PlayerOptions::Output::kNut, pipe.write_end(), {kWidth, kHeight, 20, 0}}, sink);
  player->start();
  const auto units = encoded(40);
  StoredUnit damaged = units[39];
  damaged.payload.resize(4);
  for (uint32_t n = 0; n < 39; ++n) player->decode_video(units[n].unit(), n, 0, true);
  player->decode_video(damaged.unit(), 39, 0, true);
  ASSERT_TRUE(sink.wait([&] { return sink.keys_needed == 1; })) << "the decoder went on";
  const int64_t start = monotonic_us();
  player.reset();
  EXPECT_LT(monotonic_us() - start, 2'000'000);
}

}  // namespace
}  // namespace swarmcast::media
