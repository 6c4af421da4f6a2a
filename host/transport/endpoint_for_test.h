// Short names for the addresses that tests are full of.
#pragma once

#include <string>

#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {

inline Endpoint at(const std::string& text) { return *parse_endpoint(text); }

}  // namespace swarmcast::transport
