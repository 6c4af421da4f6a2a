// A screen without a monitor (Xvfb), for the window.
#pragma once

#include <memory>
#include <string>

#include "test/support/nut_reader.h"
#include "test/support/process.h"

namespace swarmcast::test {

class Screen {
 public:
  static constexpr int kWidth = 960, kHeight = 540;
  Screen();
  // ":7", or "" where there is no Xvfb.
  const std::string& display() const { return display_; }
  // What is on it from now on, 50 times a second; needs the ffmpeg program.
  struct Grab {
    std::unique_ptr<Process> process;
    std::unique_ptr<NutReader> reader;
    ~Grab() { process.reset(); }
  };
  std::unique_ptr<Grab> grab() const;
  // Presses a key in the window below the middle of the screen; false without xdotool.
  bool press(const std::string& key) const;

 private:
  std::unique_ptr<Process> server_;
  std::string display_;
};

}  // namespace swarmcast::test
