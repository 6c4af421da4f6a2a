// Reads the known answers under spec/vectors (tests only).
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/bytes.h"

namespace swarmcast::wire {

// The bytes of the line that starts with `name` in spec/vectors/`file`; empty if there is none.
inline std::vector<uint8_t> test_vector(const std::string& file, const std::string& name) {
  std::ifstream in(std::string(SWARMCAST_SOURCE_DIR) + "/spec/vectors/" + file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word, hex;
    words >> word;
    if (word != name) continue;
    while (words >> word) hex += word;
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
      bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return bytes;
  }
  return {};
}

}  // namespace swarmcast::wire
