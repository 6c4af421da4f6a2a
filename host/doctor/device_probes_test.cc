#include "host/doctor/device_probes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "host/doctor/fake_machine_for_test.h"

namespace swarmcast::doctor {
namespace {

TEST(DeviceProbesTest, Camera) {
  FakeMachine fake;
  EXPECT_EQ(examine_camera(fake.machine).state, State::kWarning);
  fake.file("/sys/class/video4linux/video1/index", "1\n");
  fake.file("/sys/class/video4linux/video1/name", "HD Webcam\n");
  EXPECT_EQ(examine_camera(fake.machine).state, State::kWarning) << "only metadata comes from it";
  fake.file("/sys/class/video4linux/video0/index", "0\n");
  fake.file("/sys/class/video4linux/video0/name", "HD Webcam\n");
  const Finding refused = examine_camera(fake.machine);
  EXPECT_EQ(refused.state, State::kProblem);
  EXPECT_NE(refused.fix.find("usermod -aG video"), std::string::npos);
  fake.usable.insert("/dev/video0");
  const Finding good = examine_camera(fake.machine);
  EXPECT_EQ(good.state, State::kOk);
  EXPECT_EQ(good.title, "Camera: HD Webcam at /dev/video0");
}

TEST(DeviceProbesTest, Display) {
  FakeMachine fake;
  EXPECT_EQ(examine_display(fake.machine).state, State::kWarning);
  fake.variables["DISPLAY"] = ":0";
  EXPECT_EQ(examine_display(fake.machine).title, "Screen: X11 :0");
  fake.variables["WAYLAND_DISPLAY"] = "wayland-0";
  EXPECT_EQ(examine_display(fake.machine).title, "Screen: Wayland wayland-0");
  EXPECT_EQ(examine_display(fake.machine).state, State::kOk);
}

TEST(DeviceProbesTest, Sound) {
  FakeMachine fake;
  EXPECT_EQ(examine_sound(fake.machine).state, State::kWarning);
  fake.file("/proc/asound/cards", "--- no soundcards ---\n");
  EXPECT_EQ(examine_sound(fake.machine).state, State::kWarning);
  fake.file("/proc/asound/cards", " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n");
  EXPECT_EQ(examine_sound(fake.machine).state, State::kOk);
  FakeMachine remote;
  remote.file("/run/user/" + std::to_string(getuid()) + "/pulse/native", "");
  EXPECT_EQ(examine_sound(remote.machine).state, State::kOk);
  remote.variables["XDG_RUNTIME_DIR"] = "/run/elsewhere";
  EXPECT_EQ(examine_sound(remote.machine).state, State::kWarning);
  remote.file("/run/elsewhere/pipewire-0", "");
  EXPECT_EQ(examine_sound(remote.machine).state, State::kOk);
}

TEST(DeviceProbesTest, MediaModule) {
  EXPECT_EQ(examine_media_module("").state, State::kOk);
  const Finding missing = examine_media_module("libfoo.so is missing");
  EXPECT_EQ(missing.state, State::kProblem);
  EXPECT_EQ(missing.detail, "libfoo.so is missing");
}

TEST(DeviceProbesTest, Clock) {
  constexpr int64_t kToday = 1'800'000'000;
  EXPECT_EQ(examine_clock({0, true}).state, State::kProblem);
  EXPECT_EQ(examine_clock({kToday, std::nullopt}).state, State::kUnknown);
  EXPECT_EQ(examine_clock({kToday, false}).state, State::kWarning);
  EXPECT_EQ(examine_clock({kToday, true}).state, State::kOk);
  EXPECT_GT(WallClock::read().unix_seconds, 0);
}

}  // namespace
}  // namespace swarmcast::doctor
