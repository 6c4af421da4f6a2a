// STUN and TURN servers as people write them (after RFC 7064 and RFC 7065).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "host/transport/ice_options.h"

namespace swarmcast::transport {

inline constexpr uint16_t kDefaultStunPort = 3'478;
inline constexpr size_t kMaxHostNameSize = 253;
inline constexpr size_t kMaxTurnUserSize = 512;  // RFC 8489, 14.3
inline constexpr size_t kMaxTurnPasswordSize = 256;

// A server whose name is not looked up yet.
struct NamedServer {
  std::string host;  // name or numeric address, without brackets
  uint16_t port = kDefaultStunPort;
};
struct NamedTurnServer {
  NamedServer server;
  bool tcp = false;
  std::string user;
  std::string password;
};

// "[stun:]HOST[:PORT]"; or a sentence that says what is wrong.
std::variant<NamedServer, std::string> parse_stun_server(std::string_view text);
// "[turn:]USER:PASSWORD@HOST[:PORT][?transport=udp|tcp]". A ':' in the user name, a '@' or '?' in
// either and '%' are written as %3A, %40, %3F and %25. The sentences never repeat the password.
std::variant<NamedTurnServer, std::string> parse_turn_server(std::string_view text);

enum class IpVersion {
  kAny,  // that this host has; IPv4 is preferred
  kIpv4,
  kIpv6,
};
// Looks the name up, which may take seconds; a numeric address is taken as it is, whatever its
// version. Or a sentence that says why not.
std::variant<Endpoint, std::string> look_up(const NamedServer& server,
                                            IpVersion version = IpVersion::kAny);

}  // namespace swarmcast::transport
