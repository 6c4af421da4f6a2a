// A borrowed picture.
#pragma once

#include <array>
#include <cstdint>

namespace swarmcast::media {

// Planar 4:2:0, 8 bits, limited range: Y, U, V.
struct PictureView {
  std::array<const uint8_t*, 3> plane{};
  std::array<int, 3> stride{};
};

}  // namespace swarmcast::media
