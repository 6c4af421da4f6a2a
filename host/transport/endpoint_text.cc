#include "host/transport/endpoint_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace swarmcast::transport {
namespace {

constexpr Bytes<12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return port;
}

}  // namespace

bool is_ipv4(const Endpoint& endpoint) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), endpoint.ip.begin());
}

bool is_unspecified(const Endpoint& endpoint) {
  const auto from = endpoint.ip.begin() + (is_ipv4(endpoint) ? kMappedPrefix.size() : 0);
  return std::all_of(from, endpoint.ip.end(), [](uint8_t b) { return b == 0; });
}

std::optional<Endpoint> parse_address(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN] = {};
  // inet_pton stops at a NUL that the view may hold. An empty view may have no address.
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != text.npos)
    return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  Endpoint out;
  if (inet_pton(AF_INET6, buffer, out.ip.data()) == 1) return out;
  if (inet_pton(AF_INET, buffer, out.ip.data() + kMappedPrefix.size()) != 1) return std::nullopt;
  std::ranges::copy(kMappedPrefix, out.ip.begin());
  return out;
}

std::optional<Endpoint> parse_endpoint(std::string_view text, uint16_t default_port) {
  std::string_view host = text;
  std::optional<uint16_t> port = default_port;
  const size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == text.npos) return std::nullopt;
    host = text.substr(1, bracket - 1);
    if (host.find(':') == host.npos) return std::nullopt;  // brackets are for IPv6
    const std::string_view rest = text.substr(bracket + 1);
    if (!rest.empty()) port = rest[0] == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  } else if (colon != text.npos && text.find(':') == colon) {  // two colons: a bare IPv6 address
    host = text.substr(0, colon);
    port = parse_port(text.substr(colon + 1));
    if (host.empty()) host = "::";
  }
  std::optional<Endpoint> out = parse_address(host);
  if (!out || !port) return std::nullopt;
  out->port = *port;
  return out;
}

std::string address_text(const Endpoint& endpoint) {
  char buffer[INET6_ADDRSTRLEN];
  if (is_ipv4(endpoint)) {
    inet_ntop(AF_INET, endpoint.ip.data() + kMappedPrefix.size(), buffer, sizeof buffer);
  } else {
    inet_ntop(AF_INET6, endpoint.ip.data(), buffer, sizeof buffer);
  }
  return buffer;
}

std::string to_text(const Endpoint& endpoint) {
  const std::string port = std::to_string(endpoint.port);
  if (is_ipv4(endpoint)) return address_text(endpoint) + ":" + port;
  return "[" + address_text(endpoint) + "]:" + port;
}

}  // namespace swarmcast::transport
