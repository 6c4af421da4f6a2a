// IP addresses and endpoints as text, without asking the operating system.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/contact.h"

namespace swarmcast::rendezvous {

// "192.0.2.1" (as IPv4-mapped) or "2001:db8::1" (RFC 4291; no brackets, no zone).
std::optional<std::array<uint8_t, 16>> parse_ip(std::string_view text);
// Dotted for IPv4-mapped addresses, else RFC 5952.
std::string format_ip(const std::array<uint8_t, 16>& ip);

// "192.0.2.1:7000" or "[2001:db8::1]:7000"; port 0..65535.
std::optional<Endpoint> parse_endpoint(std::string_view text);
std::string format_endpoint(const Endpoint& endpoint);

// 1 to 5 decimal digits, 0..65535.
std::optional<uint16_t> parse_port(std::string_view text);

bool is_ipv4(const std::array<uint8_t, 16>& ip);
// False for addresses nobody can be reached at: unspecified, multicast, broadcast.
bool is_dialable(const std::array<uint8_t, 16>& ip);

}  // namespace swarmcast::rendezvous
