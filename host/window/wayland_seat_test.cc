#include "host/window/wayland_seat.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace swarmcast::window {
namespace {

std::string words(const std::vector<uint32_t>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(uint32_t)};
}

// The event by which a compositor announces an interface.
std::string global(const std::string& interface) {
  std::string name = interface + '\0';
  const auto length = static_cast<uint32_t>(name.size());
  name.resize((name.size() + 3) / 4 * 4);
  const auto size = static_cast<uint32_t>(8 + 4 + 4 + name.size() + 4);
  return words({2, size << 16, 7, length}) + name + words({1});
}

std::string done() { return words({3, 12u << 16, 99}); }

// What is found where a compositor says this, and hangs up.
bool found_in(const std::string& said) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  EXPECT_EQ(write(ends[1], said.data(), said.size()), static_cast<ssize_t>(said.size()));
  shutdown(ends[1], SHUT_WR);
  const bool found = has_seat(ends[0]);
  close(ends[0]);
  close(ends[1]);
  return found;
}

TEST(WaylandSeatTest, IsSeenAmongOthers) {
  EXPECT_TRUE(found_in(global("wl_compositor") + global("wl_seat") + global("wl_shm") + done()));
  EXPECT_FALSE(found_in(global("wl_compositor") + global("wl_shm") + done()));
  EXPECT_FALSE(found_in(global("wl_seats") + global("wl_sea") + global("") + done()));
  EXPECT_FALSE(found_in(done() + global("wl_seat"))) << "what comes later is not waited for";
  EXPECT_FALSE(found_in(""));
}

TEST(WaylandSeatTest, ASilentCompositorIsNotWaitedForForLong) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  EXPECT_FALSE(has_seat(ends[0]));
  close(ends[0]);
  close(ends[1]);
}

TEST(WaylandSeatTest, GarbageIsNoSeat) {
  EXPECT_FALSE(found_in(words({2, 4u << 16, 1})));            // shorter than its head
  EXPECT_FALSE(found_in(words({2, 0xffffu << 16})));          // longer than any
  EXPECT_FALSE(found_in(words({2, 16u << 16, 7, 1'000})));    // a name longer than its message
  EXPECT_FALSE(found_in(words({2, 12u << 16, 7}) + done()));  // no name
  for (uint32_t seed = 1; seed <= 500; ++seed) {
    std::mt19937 random(seed);
    std::string said = global("wl_shm") + done();
    for (char& c : said)
      if (random() % 8 == 0) c = static_cast<char>(random());
    found_in(said.substr(0, random() % (said.size() + 1)));  // under the sanitizers
  }
}

}  // namespace
}  // namespace swarmcast::window
