#include "host/media/words.h"

#include <algorithm>
#include <cstdint>

namespace swarmcast::media {
namespace {

constexpr int kColumns = 5, kRows = 7;
constexpr int kAdvance = kColumns + 1;

// Letters A to Z, column by column; the lowest bit is the top row.
constexpr uint8_t kLetters[26][kColumns] = {
    {0x7e, 0x11, 0x11, 0x11, 0x7e}, {0x7f, 0x49, 0x49, 0x49, 0x36}, {0x3e, 0x41, 0x41, 0x41, 0x22},
    {0x7f, 0x41, 0x41, 0x22, 0x1c}, {0x7f, 0x49, 0x49, 0x49, 0x41}, {0x7f, 0x09, 0x09, 0x09, 0x01},
    {0x3e, 0x41, 0x49, 0x49, 0x7a}, {0x7f, 0x08, 0x08, 0x08, 0x7f}, {0x00, 0x41, 0x7f, 0x41, 0x00},
    {0x20, 0x40, 0x41, 0x3f, 0x01}, {0x7f, 0x08, 0x14, 0x22, 0x41}, {0x7f, 0x40, 0x40, 0x40, 0x40},
    {0x7f, 0x02, 0x0c, 0x02, 0x7f}, {0x7f, 0x04, 0x08, 0x10, 0x7f}, {0x3e, 0x41, 0x41, 0x41, 0x3e},
    {0x7f, 0x09, 0x09, 0x09, 0x06}, {0x3e, 0x41, 0x51, 0x21, 0x5e}, {0x7f, 0x09, 0x19, 0x29, 0x46},
    {0x46, 0x49, 0x49, 0x49, 0x31}, {0x01, 0x01, 0x7f, 0x01, 0x01}, {0x3f, 0x40, 0x40, 0x40, 0x3f},
    {0x1f, 0x20, 0x40, 0x20, 0x1f}, {0x3f, 0x40, 0x38, 0x40, 0x3f}, {0x63, 0x14, 0x08, 0x14, 0x63},
    {0x07, 0x08, 0x70, 0x08, 0x07}, {0x61, 0x51, 0x49, 0x45, 0x43}};

bool has_dot(char name, int column, int row) {
  return name >= 'A' && name <= 'Z' && (kLetters[name - 'A'][column] >> row & 1) != 0;
}

}  // namespace

void draw_words(std::string_view text, int width, int height, bool small,
                const std::function<void(const Box&, bool white)>& fill) {
  if (text.empty()) return;
  const auto clipped = [&](int left, int top, int w, int h, bool white) {
    const int right = std::min(left + w, width), bottom = std::min(top + h, height);
    left = std::max(left, 0);
    top = std::max(top, 0);
    if (left < right && top < bottom) fill({left, top, right - left, bottom - top}, white);
  };
  const int letters = static_cast<int>(text.size());
  // Nine tenths of the width, at most an eighth of the height; small: a third of that.
  int dot = std::min(width * 9 / 10 / (letters * kAdvance), height / 8 / kRows);
  if (small) dot = height / 24 / kRows;
  dot = std::max(dot, 1);
  const int text_width = letters * kAdvance * dot - dot;
  const int margin = 2 * dot;
  const int left = small ? 2 * margin : (width - text_width) / 2;
  const int top = small ? 2 * margin : (height - kRows * dot) / 2;
  if (small)
    clipped(left - margin, top - margin, text_width + 2 * margin, kRows * dot + 2 * margin, false);
  else
    clipped(0, top - 2 * margin, width, kRows * dot + 4 * margin, false);
  for (int i = 0; i < letters; ++i)
    for (int column = 0; column < kColumns; ++column)
      for (int row = 0; row < kRows; ++row)
        if (has_dot(text[static_cast<size_t>(i)], column, row))
          clipped(left + (i * kAdvance + column) * dot, top + row * dot, dot, dot, true);
}

}  // namespace swarmcast::media
