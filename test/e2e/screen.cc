#include "test/e2e/screen.h"

#include <unistd.h>

namespace swarmcast::test {

using std::chrono::seconds;

Screen::Screen() {
  const std::string size = std::to_string(kWidth) + "x" + std::to_string(kHeight) + "x24";
  server_ = Process::start(
      {.command = {"Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp"}});
  if (!server_) return;
  // It prints the number of the display once it can be used.
  for (int i = 0; i < 200 && !server_->wait_exit(milliseconds(50)); ++i) {
    const std::string text = server_->text();
    const size_t end = text.find('\n');
    const size_t digits = text.find_first_not_of("0123456789");
    if (end == std::string::npos || end == 0 || digits != end) continue;
    display_ = ":" + text.substr(0, end);
    return;
  }
}

std::unique_ptr<Screen::Grab> Screen::grab() const {
  auto out = std::make_unique<Grab>();
  const std::string size = std::to_string(kWidth) + "x" + std::to_string(kHeight);
  out->process = Process::start({.command = {"ffmpeg",
                                             "-nostdin",
                                             "-v",
                                             "error",
                                             "-fflags",
                                             "nobuffer",
                                             "-probesize",
                                             "32",
                                             "-f",
                                             "x11grab",
                                             "-draw_mouse",
                                             "0",
                                             "-framerate",
                                             "50",
                                             "-video_size",
                                             size,
                                             "-i",
                                             display_,
                                             "-pix_fmt",
                                             "yuv420p",
                                             "-c:v",
                                             "rawvideo",
                                             "-flush_packets",
                                             "1",
                                             "-f",
                                             "nut",
                                             "-"},
                                 .binary_output = true});
  if (!out->process) return nullptr;
  out->reader = std::make_unique<NutReader>(out->process->take_output());
  return out;
}

bool Screen::press(const std::string& key) const {
  const auto tool = Process::start(
      {.command = {"env", "DISPLAY=" + display_, "xdotool", "mousemove", std::to_string(kWidth / 2),
                   std::to_string(kHeight / 2), "key", key}});
  return tool && tool->wait_exit(seconds(10)).value_or(ProcessExit{}).code == 0;
}

}  // namespace swarmcast::test
