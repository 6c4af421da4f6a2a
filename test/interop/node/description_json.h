// A link's description as JSON, as pages make and take it (../page/description.js):
//   {"ufrag", "password", "fingerprint": hex, "native": bool,
//    "candidates": [{"type": "host" | "srflx" | "relay", "endpoint": "ADDR:PORT", "priority"}]}
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/link_description.h"

namespace swarmcast::interop {

std::string hex(ByteSpan bytes);

nlohmann::json write_description(const LinkDescription& description);
// nullopt if it is none; throws nlohmann::json::exception where a field is missing.
std::optional<LinkDescription> read_description(const nlohmann::json& json);

}  // namespace swarmcast::interop
