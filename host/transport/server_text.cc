#include "host/transport/server_text.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

constexpr const char* kTurnForm =
    "write it as turn:USER:PASSWORD@HOST:PORT, with ?transport=tcp "
    "behind it for a server to be reached over TCP";

bool cut_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_host_name(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  return !text.empty() && text.size() <= kMaxHostNameSize && std::ranges::all_of(text, allowed);
}

std::optional<NamedServer> parse_server(std::string_view text) {
  NamedServer out;
  // Numeric addresses in all their forms; IPv6 may stand in brackets.
  if (const auto endpoint = parse_endpoint(text, kDefaultStunPort)) {
    if (endpoint->port == 0 || is_unspecified(*endpoint)) return std::nullopt;
    return NamedServer{address_text(*endpoint), endpoint->port};
  }
  const size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (!is_host_name(host)) return std::nullopt;
  out.host = host;
  if (colon == std::string_view::npos) return out;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size() || out.port == 0) {
    return std::nullopt;
  }
  return out;
}

// %XX (RFC 3986, 2.1); nullopt for a broken one or a control character.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const char* digits = text.data() + i + 1;
      if (std::from_chars(digits, digits + 2, c, 16).ptr != digits + 2) return std::nullopt;
      i += 2;
    }
    if (c < 0x20 || c == 0x7f) return std::nullopt;
    out += static_cast<char>(c);
  }
  return out;
}

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

int family_of(IpVersion version) {
  switch (version) {
    case IpVersion::kAny:
      return AF_UNSPEC;
    case IpVersion::kIpv4:
      return AF_INET;
    case IpVersion::kIpv6:
      return AF_INET6;
  }
  return AF_UNSPEC;
}

}  // namespace

std::variant<NamedServer, std::string> parse_stun_server(std::string_view text) {
  std::string_view rest = text;
  cut_prefix(rest, "stun:");
  if (auto server = parse_server(rest)) return *server;
  return "'" + std::string(text) +
         "' is not a STUN server; write it as HOST:PORT, for example stun.example.org:3478";
}

std::variant<NamedTurnServer, std::string> parse_turn_server(std::string_view text) {
  const std::string wrong = "that is not a TURN server; ";
  cut_prefix(text, "turn:");
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos) return wrong + kTurnForm;
  const std::string_view credentials = text.substr(0, at);
  std::string_view server = text.substr(at + 1);
  NamedTurnServer out;
  if (const size_t question = server.find('?'); question != std::string_view::npos) {
    const std::string_view query = server.substr(question + 1);
    out.tcp = query == "transport=tcp";
    if (!out.tcp && query != "transport=udp") {
      return "a TURN server is reached with ?transport=udp or ?transport=tcp, not '?" +
             std::string(query) + "'";
    }
    server = server.substr(0, question);
  }
  const size_t colon = credentials.find(':');
  if (colon == std::string_view::npos) return wrong + kTurnForm;
  const auto user = percent_decoded(credentials.substr(0, colon));
  const auto password = percent_decoded(credentials.substr(colon + 1));
  if (!user || !password || user->empty() || password->empty() || user->size() > kMaxTurnUserSize ||
      password->size() > kMaxTurnPasswordSize) {
    return "the TURN server's user name or password cannot be used; " + std::string(kTurnForm) +
           " (':' as %3A, '@' as %40, '?' as %3F and '%' as %25)";
  }
  const auto named = parse_server(server);
  if (!named)
    return "'" + std::string(server) + "' is not the address of a TURN server; " + kTurnForm;
  out.server = *named;
  out.user = *user;
  out.password = *password;
  return out;
}

std::variant<Endpoint, std::string> look_up(const NamedServer& server, IpVersion version) {
  if (auto numeric = parse_address(server.host)) {
    numeric->port = server.port;
    return *numeric;
  }
  addrinfo hints{};
  hints.ai_family = family_of(version);
  if (version == IpVersion::kAny) hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(server.host.c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, AddressListDeleter> owner(error == 0 ? list : nullptr);
  const addrinfo* best = nullptr;
  for (const addrinfo* i = owner.get(); i != nullptr; i = i->ai_next) {
    if (i->ai_family != AF_INET && i->ai_family != AF_INET6) continue;
    if (best == nullptr || (best->ai_family == AF_INET6 && i->ai_family == AF_INET)) best = i;
  }
  if (best != nullptr) {
    Endpoint out = from_sockaddr(best->ai_addr);
    out.port = server.port;
    return out;
  }
  return "the server '" + server.host +
         "' cannot be found: check its name and the network connection";
}

}  // namespace swarmcast::transport
