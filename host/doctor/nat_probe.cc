#include "host/doctor/nat_probe.h"

#include <poll.h>
#include <stun/stunagent.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <variant>

#include "host/doctor/addresses.h"
#include "host/loop/loop.h"
#include "host/platform/sodium_crypto.h"
#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"
#include "host/transport/server_text.h"

namespace swarmcast::doctor {
namespace {

constexpr size_t kMaxMessage = 1'280;
// RFC 8489, 6.2.1: the first wait is 500 ms, and it doubles.
constexpr Duration kWaits[] = {Duration::millis(500), Duration::millis(1'000),
                               Duration::millis(2'000)};
// RFC 5780, 7.4; libnice's headers do not name it.
constexpr auto kOtherAddress = static_cast<StunAttribute>(0x802c);

struct Answer {
  Endpoint mapped;
  std::optional<Endpoint> other;
};

std::optional<Endpoint> resolve(const std::string& text, transport::IpVersion version) {
  const auto server = transport::parse_stun_server(text);
  const auto* named = std::get_if<transport::NamedServer>(&server);
  if (named == nullptr) return std::nullopt;
  const auto found = transport::look_up(*named, version);
  const auto* address = std::get_if<Endpoint>(&found);
  return address == nullptr ? std::nullopt : std::optional(*address);
}

class StunClient {
 public:
  explicit StunClient(const transport::BoundSocket& socket) : socket_(socket) {
    stun_agent_init(&agent_, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
  }

  std::optional<Answer> ask(const Endpoint& server) {
    std::array<uint8_t, kMaxMessage> buffer;
    StunMessage request{};
    if (!stun_agent_init_request(&agent_, &request, buffer.data(), buffer.size(), STUN_BINDING))
      return std::nullopt;
    // The transaction's number must be hard to guess for others; libnice's own may not be.
    platform::system_random(MutableByteSpan(buffer).subspan(8, 12));
    const size_t size = stun_agent_finish_message(&agent_, &request, nullptr, 0);
    std::optional<Answer> out;
    for (const Duration wait : kWaits) {
      send(server, ByteSpan(buffer).first(size));
      out = wait_for_answer(server, Loop::now() + wait);
      if (out) break;
    }
    StunTransactionId id;
    stun_message_id(&request, id);
    stun_agent_forget_transaction(&agent_, id);
    return out;
  }

 private:
  void send(const Endpoint& server, ByteSpan message) {
    sockaddr_storage address;
    const socklen_t size = transport::to_sockaddr(server, socket_.family(), address);
    sendto(socket_.fd(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&address),
           size);
  }

  std::optional<Answer> wait_for_answer(const Endpoint& server, Instant until) {
    for (Instant now = Loop::now(); now < until; now = Loop::now()) {
      pollfd ready{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, static_cast<int>((until - now).ms()) + 1) <= 0) continue;
      std::array<uint8_t, kMaxMessage> buffer;
      sockaddr_storage from;
      socklen_t from_size = sizeof from;
      const ssize_t n = recvfrom(socket_.fd(), buffer.data(), buffer.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &from_size);
      if (n <= 0 || transport::from_sockaddr(reinterpret_cast<sockaddr*>(&from)) != server)
        continue;
      if (auto answer = parse(buffer.data(), static_cast<size_t>(n))) return answer;
    }
    return std::nullopt;
  }

  std::optional<Answer> parse(const uint8_t* bytes, size_t size) {
    StunMessage message{};
    if (stun_agent_validate(&agent_, &message, bytes, size, nullptr, nullptr) !=
            STUN_VALIDATION_SUCCESS ||
        stun_message_get_class(&message) != STUN_RESPONSE) {
      return std::nullopt;
    }
    sockaddr_storage address{};
    socklen_t address_size = sizeof address;
    if (stun_message_find_xor_addr(&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &address,
                                   &address_size) != STUN_MESSAGE_RETURN_SUCCESS) {
      return std::nullopt;
    }
    Answer out{.mapped = transport::from_sockaddr(reinterpret_cast<sockaddr*>(&address))};
    address_size = sizeof address;
    if (stun_message_find_addr(&message, kOtherAddress, &address, &address_size) ==
        STUN_MESSAGE_RETURN_SUCCESS) {
      out.other = transport::from_sockaddr(reinterpret_cast<sockaddr*>(&address));
    }
    return out;
  }

  const transport::BoundSocket& socket_;
  StunAgent agent_;
};

bool is_own(const Endpoint& mapped, uint16_t port, const std::vector<Endpoint>& own) {
  return mapped.port == port &&
         std::ranges::any_of(own, [&](const Endpoint& o) { return o.ip == mapped.ip; });
}

// Only answers about one address family can be compared: those about the first one's.
Mapping judge(std::vector<Endpoint> mapped, uint16_t port, const std::vector<Endpoint>& own) {
  if (mapped.empty()) return Mapping::kUnknown;
  const bool ipv4 = transport::is_ipv4(mapped[0]);
  std::erase_if(mapped, [&](const Endpoint& m) { return transport::is_ipv4(m) != ipv4; });
  if (std::ranges::all_of(mapped, [&](const Endpoint& m) { return is_own(m, port, own); }))
    return Mapping::kNone;
  if (std::ranges::any_of(mapped, [&](const Endpoint& m) { return m != mapped[0]; }))
    return Mapping::kSymmetric;
  return mapped.size() > 1 ? Mapping::kEndpointIndependent : Mapping::kUnknown;
}

}  // namespace

NatMeasurement measure_nat(const Endpoint& local, const std::vector<std::string>& servers,
                           const std::vector<Endpoint>& own) {
  NatMeasurement out;
  const transport::BoundSocket socket(local, SOCK_DGRAM);
  if (socket.error() != 0) {
    out.error = "The UDP port could not be opened, so no server was asked.";
    return out;
  }
  // NAT is an affair of IPv4: names are asked for that, unless we listen on IPv6 only.
  const bool only_ipv6 = !transport::is_ipv4(local) && !transport::is_unspecified(local);
  const auto version = only_ipv6 ? transport::IpVersion::kIpv6 : transport::IpVersion::kIpv4;
  std::vector<Endpoint> queue;
  for (const std::string& server : servers) {
    const auto address = resolve(server, version);
    if (!address) out.error = "There is no server \"" + server + "\".";
    if (address && queue.size() < kMaxStunServers) queue.push_back(*address);
  }
  StunClient client(socket);
  std::vector<Endpoint> mapped;
  for (size_t i = 0; i < queue.size(); ++i) {
    ++out.asked;
    const auto answer = client.ask(queue[i]);
    if (!answer) continue;
    ++out.answered;
    mapped.push_back(answer->mapped);
    // A server may send us on to itself only, not into somebody's private network.
    const auto& other = answer->other;
    if (queue.size() == 1 && other && kind_of(*other) == kind_of(queue[0])) queue.push_back(*other);
  }
  if (!mapped.empty()) out.mapped = mapped[0];
  out.mapping = judge(mapped, socket.local().port, own);
  return out;
}

}  // namespace swarmcast::doctor
