#include "cli/qr.h"

#include <qrcodegen/qrcodegen.hpp>

namespace swarmcast::cli {
namespace {

constexpr int kBorder = 2;
constexpr int kMaxVersion = 15;

}  // namespace

std::optional<std::string> qr_for_terminal(const std::string& text) {
  using qrcodegen::QrCode;
  const QrCode code = QrCode::encodeText(text.c_str(), QrCode::Ecc::MEDIUM);
  if (code.getVersion() > kMaxVersion) return std::nullopt;
  // One character shows two modules: the upper half block in the colour of the upper module on a
  // background in the colour of the lower one.
  std::string out;
  for (int y = -kBorder; y < code.getSize() + kBorder; y += 2) {
    for (int x = -kBorder; x < code.getSize() + kBorder; ++x) {
      out += code.getModule(x, y) ? "\x1b[30" : "\x1b[97";
      out += code.getModule(x, y + 1) ? ";40m" : ";107m";
      out += "\u2580";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

}  // namespace swarmcast::cli
