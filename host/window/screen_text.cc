#include "host/window/screen_text.h"

#include <algorithm>

#include "host/media/words.h"

namespace swarmcast::window {
namespace {

constexpr uint32_t kWhite = 0xffffff, kBlack = 0;

}  // namespace

void write_text(const Canvas& canvas, std::string_view text, bool small) {
  const auto fill = [&canvas](const media::Box& box, bool white) {
    uint32_t* row = canvas.pixels + static_cast<size_t>(box.top) * canvas.stride + box.left;
    for (int y = 0; y < box.height; ++y, row += canvas.stride)
      std::fill_n(row, box.width, white ? kWhite : kBlack);
  };
  media::draw_words(text, canvas.width, canvas.height, small, fill);
}

}  // namespace swarmcast::window
