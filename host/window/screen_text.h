// Plain words on a picture, large enough for bad light.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace swarmcast::window {

// What is drawn on: 32 bits a pixel, 0x00RRGGBB.
struct Canvas {
  uint32_t* pixels;
  size_t stride;  // pixels
  int width, height;
};

// Writes `text` (letters and spaces, in capitals) white on a black band across the middle, as large
// as fits, or `small` in a corner.
void write_text(const Canvas& canvas, std::string_view text, bool small = false);

}  // namespace swarmcast::window
