#include "host/media_loader/media_loader.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <fstream>
#include <mutex>

namespace swarmcast {
namespace {

bool mapped(const std::string& library) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(library) != std::string::npos) return true;
  return false;
}

class FirstPicture : public media::CaptureSink {
 public:
  void on_ready(const media::StreamFormat&) override {}
  void on_video(const media::EncodedUnit& unit) override {
    std::lock_guard lock(mutex_);
    seen_ = true;
    key_ = unit.key;
    changed_.notify_all();
  }
  void on_audio(const media::EncodedUnit&) override {}
  void on_notice(const std::string&) override {}
  void on_end(const std::string&) override {}
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_; }) && key_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool seen_ = false;
  bool key_ = false;
};

TEST(MediaLoaderTest, LoadsCodecsOnlyWhenAsked) {
  ASSERT_FALSE(mapped("libavcodec"));
  ASSERT_FALSE(mapped("libopenh264"));
  const LoadedMedia media = load_media();
  ASSERT_NE(media.module, nullptr) << media.error;
  EXPECT_TRUE(mapped("libavcodec"));
  EXPECT_EQ(load_media().module, media.module);

  FirstPicture sink;
  media::CaptureOptions options;
  options.input = "test";
  auto capture = media.module->create_capture(options, sink);
  capture->start();
  EXPECT_TRUE(sink.wait());
}

TEST(MediaLoaderTest, SaysWhatToDoWithoutModule) {
  const LoadedMedia missing = load_media_from("/nonexistent/swarmcast-media.so");
  EXPECT_EQ(missing.module, nullptr);
  EXPECT_NE(missing.error.find("Build again"), std::string::npos) << missing.error;
  const LoadedMedia foreign = load_media_from("libm.so.6");
  EXPECT_EQ(foreign.module, nullptr);
  EXPECT_NE(foreign.error.find("another version"), std::string::npos) << foreign.error;
}

}  // namespace
}  // namespace swarmcast
