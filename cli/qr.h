// A QR code for terminals.
#pragma once

#include <optional>
#include <string>

namespace swarmcast::cli {

// Half-block characters, explicit black on white, a border of 2 modules; level M. nullopt if the
// text does not fit a code of version 15 (beyond that a phone's camera struggles).
std::optional<std::string> qr_for_terminal(const std::string& text);

}  // namespace swarmcast::cli
