// The known answers of spec/vectors/link.json (tests only).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace swarmcast::wire {

// The message of the valid vector of this name. Throws if there is none.
std::vector<uint8_t> link_vector(const std::string& name);

}  // namespace swarmcast::wire
