#include "engine/wire/link_vectors_for_test.h"

#include <stdexcept>

#include "engine/base/json_vectors_for_test.h"

namespace swarmcast::wire {

std::vector<uint8_t> link_vector(const std::string& name) {
  for (const auto& entry : json_vectors("link").at("valid"))
    if (entry.at("name") == name) return from_hex(entry.at("message"));
  throw std::runtime_error("no vector named " + name);
}

}  // namespace swarmcast::wire
