// A broadcast without a picture.
#include <gtest/gtest.h>

#include "engine/node/world_for_test.h"

namespace swarmcast::node {
namespace {

constexpr Duration kPacket = Duration::millis(20);
constexpr size_t kBytes = 160;  // 64 kbit/s

// Without a frame rate, the source once spread each packet of sound over half a second.
TEST(SoundOnly, IsHeardAsSoonAsTheNetworkAllows) {
  World world(1);
  world.default_link = {.one_way = Duration::millis(1)};
  const size_t source = world.add_source(
      {.stream = {
           .width = 0, .height = 0, .fps = 0, .audio_channels = 2, .codec = VideoCodec::kNone}});
  const size_t viewer = world.add_peer(source);
  const std::vector<uint8_t> payload(kBytes, 1);
  std::function<void()> publish = [&] {
    world.give(source, input::PublishFrame{{.track = kAudioTrack, .key = true, .payload = payload},
                                           world.now()});
    world.schedule(world.now() + kPacket, publish);
  };
  world.schedule(world.now() + Duration::seconds(1), publish);
  world.run_for(Duration::seconds(15));
  EXPECT_GT(world.node(viewer).shown.size(), 600u);
  EXPECT_LE(world.engine(viewer).stats(world.now()).playout, Duration::millis(60));
}

}  // namespace
}  // namespace swarmcast::node
