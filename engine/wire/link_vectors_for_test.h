// The known answers of spec/vectors/link.json (tests only).
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/json_vectors_for_test.h"

namespace swarmcast::wire {

// The message of the valid vector of this name.
inline std::vector<uint8_t> link_vector(const std::string& name) {
  const auto vectors = json_vectors("link");
  for (const auto& entry : vectors.at("valid"))
    if (entry.at("name") == name) return from_hex(entry.at("message"));
  throw std::runtime_error("no vector named " + name);
}

}  // namespace swarmcast::wire
