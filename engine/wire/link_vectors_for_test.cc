#include "engine/wire/link_vectors_for_test.h"

#include <stdexcept>

#include "test/support/known_answers.h"

namespace swarmcast::wire {

std::vector<uint8_t> link_vector(const std::string& name) {
  for (const auto& entry : known_answers("link").at("valid"))
    if (entry.at("name") == name) return from_hex(entry.at("message"));
  throw std::runtime_error("no vector named " + name);
}

}  // namespace swarmcast::wire
