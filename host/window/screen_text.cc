#include "host/window/screen_text.h"

#include <algorithm>

namespace swarmcast::window {
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

constexpr uint32_t kWhite = 0xffffff, kBlack = 0;

void fill(const Canvas& c, int left, int top, int width, int height, uint32_t colour) {
  const int right = std::min(left + width, c.width), bottom = std::min(top + height, c.height);
  for (int y = std::max(top, 0); y < bottom; ++y)
    for (int x = std::max(left, 0); x < right; ++x)
      c.pixels[static_cast<size_t>(y) * c.stride + static_cast<size_t>(x)] = colour;
}

void letter(const Canvas& canvas, char name, int left, int top, int dot) {
  if (name < 'A' || name > 'Z') return;
  for (int column = 0; column < kColumns; ++column)
    for (int row = 0; row < kRows; ++row)
      if (kLetters[name - 'A'][column] >> row & 1)
        fill(canvas, left + column * dot, top + row * dot, dot, dot, kWhite);
}

}  // namespace

void write_text(const Canvas& canvas, std::string_view text, bool small) {
  if (text.empty()) return;
  const int letters = static_cast<int>(text.size());
  // Nine tenths of the width, at most an eighth of the height; small: a third of that.
  int dot = std::min(canvas.width * 9 / 10 / (letters * kAdvance), canvas.height / 8 / kRows);
  if (small) dot = canvas.height / 24 / kRows;
  dot = std::max(dot, 1);
  const int width = letters * kAdvance * dot - dot;
  const int margin = 2 * dot;
  const int left = small ? 2 * margin : (canvas.width - width) / 2;
  const int top = small ? 2 * margin : (canvas.height - kRows * dot) / 2;
  if (small)
    fill(canvas, left - margin, top - margin, width + 2 * margin, kRows * dot + 2 * margin, kBlack);
  else
    fill(canvas, 0, top - 2 * margin, canvas.width, kRows * dot + 4 * margin, kBlack);
  for (int i = 0; i < letters; ++i)
    letter(canvas, text[static_cast<size_t>(i)], left + i * kAdvance * dot, top, dot);
}

}  // namespace swarmcast::window
