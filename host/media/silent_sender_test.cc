// A live sender whose connection stands, but from which nothing comes.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/media/capture_for_test.h"

namespace swarmcast::media {
namespace {

// Calls a capture that listens.
class Sender {
 public:
  explicit Sender(uint16_t port) {
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (;;) {  // until it listens
      fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (connect(fd_, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0) return;
      close(fd_);
      std::this_thread::yield();
    }
  }
  ~Sender() { close(fd_); }
  void send_all(const std::string& text) const {
    for (size_t done = 0; done < text.size();) {
      const ssize_t n = send(fd_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      done += static_cast<size_t>(n);
    }
  }

 private:
  int fd_ = -1;
};

bool wait_notice(RecordingSink& sink, const std::string& words) {
  return sink.wait([&] {
    return std::ranges::any_of(
        sink.notices, [&](const std::string& n) { return n.find(words) != std::string::npos; });
  });
}

// Black across the middle, left of the words.
bool is_card(VideoDecoder& decoder, const StoredUnit& unit) {
  const FramePtr picture = decoder.decode(*unit.packet());
  return picture && picture->data[0][ptrdiff_t{kHeight / 2} * picture->linesize[0] + 4] < 30;
}

constexpr int kPictures = 60;  // 3 s
constexpr int kMore = 20;

std::string pictures(int from, int to) {
  TestPicture picture(kWidth, kHeight);
  std::string out;
  for (int n = from; n < to; ++n)
    out += y4m_frame(picture.draw(int64_t{n} * 50'000, n), kWidth, kHeight);
  return out;
}

// It is not lost: when it goes on, so does the stream.
TEST(SilentSenderTest, IsNamedAndGoesOn) {
  const uint16_t port = unused_port();
  RecordingSink sink;
  CaptureOptions o = options("tcp://127.0.0.1:" + std::to_string(port) + "?listen");
  o.height = kHeight;
  o.sound = false;
  auto capture = create_capture(o, sink);
  capture->start();
  {
    const Sender sender(port);
    const int64_t sent_us = monotonic_us();
    sender.send_all(y4m_header(kWidth, kHeight, 20) + pictures(0, kPictures));
    ASSERT_TRUE(wait_notice(sink, "A sender is there"));
    ASSERT_TRUE(wait_notice(sink, "Nothing comes from the sender at tcp://127.0.0.1:"));
    // What came early is shown in its time first.
    EXPECT_GE(monotonic_us() - sent_us, (kPictures - 1) * 50'000);
    size_t given = 0;
    {
      const std::lock_guard lock(sink.mutex);
      given = sink.video.size();
    }
    ASSERT_TRUE(sink.wait_for_pictures(given + 3));
    sender.send_all(pictures(kPictures, kPictures + kMore));
    ASSERT_TRUE(wait_notice(sink, "goes on"));
    ASSERT_TRUE(sink.wait_for_pictures(given + 3 + kMore));
    const std::lock_guard lock(sink.mutex);
    EXPECT_TRUE(std::ranges::none_of(
        sink.notices, [](const auto& n) { return n.find("gone") != std::string::npos; }));
  }
  ASSERT_TRUE(wait_notice(sink, "has gone"));
  capture->stop();

  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  std::string shown;  // a letter for each stretch of cards or pictures
  for (const StoredUnit& unit : sink.video) {
    const char kind = is_card(*decoder, unit) ? 'c' : 'p';
    if (shown.empty() || shown.back() != kind) shown += kind;
  }
  EXPECT_EQ(shown.substr(0, 4), "cpcp") << shown;
}

}  // namespace
}  // namespace swarmcast::media
