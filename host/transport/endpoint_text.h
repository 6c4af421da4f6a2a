// Endpoints as people write them: 192.0.2.1:4000, [2001:db8::1]:4000.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/contact.h"

namespace swarmcast::transport {

// Reads "ADDR:PORT", "[ADDR6]:PORT", "ADDR", "ADDR6", "[ADDR6]" or ":PORT" (every address of this
// host). A missing port is `default_port`. Addresses are numeric (RFC 4291 text form for IPv6, no
// scope); names are not resolved. nullopt for anything else.
std::optional<Endpoint> parse_endpoint(std::string_view text, uint16_t default_port = 0);

// Reads a numeric IPv4 or IPv6 address without brackets or port; the port is 0.
std::optional<Endpoint> parse_address(std::string_view text);

// "192.0.2.1:4000" or "[2001:db8::1]:4000".
std::string to_text(const Endpoint& endpoint);
// "192.0.2.1" or "2001:db8::1", without the port.
std::string address_text(const Endpoint& endpoint);

// True for an IPv4 address (kept as ::ffff:a.b.c.d).
bool is_ipv4(const Endpoint& endpoint);
// True for 0.0.0.0 and ::.
bool is_unspecified(const Endpoint& endpoint);

}  // namespace swarmcast::transport
