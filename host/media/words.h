// Plain words on a picture, large enough for bad light.
#pragma once

#include <functional>
#include <string_view>

namespace swarmcast::media {

struct Box {
  int left = 0, top = 0, width = 0, height = 0;
};

// Lays out `text` (letters and spaces, in capitals) for a picture of this size: white on a black
// band across the middle, as large as fits, or `small` in a corner. Boxes are clipped to the
// picture; later ones lie on earlier ones.
void draw_words(std::string_view text, int width, int height, bool small,
                const std::function<void(const Box&, bool white)>& fill);

}  // namespace swarmcast::media
