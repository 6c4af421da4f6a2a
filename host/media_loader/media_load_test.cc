#include "host/media_loader/media_load.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

namespace swarmcast {
namespace {

constexpr std::chrono::seconds kPatience(20);

TEST(MediaLoadTest, TheLoopGoesOnWhileTheDiskIsSlow) {
  Loop loop;
  std::promise<void> disk;
  std::optional<LoadedMedia> loaded;
  bool loaded_in_time = false;
  MediaLoad load(
      loop,
      [&, ready = disk.get_future().share()] {
        loaded_in_time = ready.wait_for(kPatience) == std::future_status::ready;
        return LoadedMedia{nullptr, "a sentence"};
      },
      [&](const LoadedMedia& media) { loaded = media; });
  int ticks = 0;
  Loop::Timer timer(loop, [&] {
    EXPECT_FALSE(loaded);
    if (++ticks == 3) return disk.set_value();
    timer.set(Loop::now());
  });
  timer.set(Loop::now());
  while (!loaded) loop.run_once(true);
  EXPECT_TRUE(loaded_in_time) << "the loop waited for the disk";
  EXPECT_EQ(ticks, 3);
  EXPECT_EQ(loaded->error, "a sentence");
}

TEST(MediaLoadTest, WhoIsGoneIsNotCalled) {
  Loop loop;
  {
    MediaLoad load(loop, [] { return LoadedMedia(); }, [](const LoadedMedia&) { FAIL(); });
  }
  loop.run_once(false);
}

}  // namespace
}  // namespace swarmcast
