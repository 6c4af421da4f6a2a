#include "host/doctor/reachability.h"

#include <algorithm>

#include "host/transport/endpoint_text.h"

namespace swarmcast::doctor {
namespace {

// For advice where no port was chosen.
constexpr uint16_t kExamplePort = 9000;

bool has(const Reachability& r, bool ipv4, AddressKind kind, const std::string& interface) {
  return std::ranges::any_of(r.addresses, [&](const OwnAddress& a) {
    return transport::is_ipv4(a.address) == ipv4 && a.kind == kind &&
           (interface.empty() || a.interface == interface);
  });
}

bool listens_on(const Endpoint& listen, const OwnAddress& address) {
  if (!transport::is_unspecified(listen)) return listen.ip == address.address.ip;
  return !transport::is_ipv4(listen) || transport::is_ipv4(address.address);
}

Nat guess_nat(const Reachability& r) {
  if (r.measured.mapping == Mapping::kNone) return Nat::kNone;
  const bool translated = r.measured.mapping == Mapping::kEndpointIndependent ||
                          r.measured.mapping == Mapping::kSymmetric;
  // No IPv4 way out: nothing to translate, unless somebody was seen doing it.
  if (r.routes.ipv4.empty()) return translated ? Nat::kLikely : Nat::kUnknown;
  if (has(r, true, AddressKind::kCarrier, r.routes.ipv4)) return Nat::kCarrier;
  if (translated) return Nat::kLikely;
  if (has(r, true, AddressKind::kPublic, r.routes.ipv4)) return Nat::kNone;
  return has(r, true, AddressKind::kPrivate, r.routes.ipv4) ? Nat::kLikely : Nat::kUnknown;
}

Chance guess_direct_dial(const Reachability& r) {
  if (r.routes.ipv4.empty() && r.routes.ipv6.empty()) return Chance::kUnlikely;
  const bool ipv6 =
      !r.routes.ipv6.empty() && std::ranges::any_of(r.addresses, [&](const OwnAddress& a) {
        return a.kind == AddressKind::kPublic && !transport::is_ipv4(a.address) &&
               listens_on(r.listen, a);
      });
  if (r.nat == Nat::kNone) return Chance::kLikely;
  // Most home routers let nothing in over IPv6 either until they are told to.
  if (ipv6) return Chance::kPossible;
  return r.nat == Nat::kUnknown ? Chance::kUnknown : Chance::kUnlikely;
}

Chance guess_hole_punching(const Reachability& r) {
  if (r.routes.ipv4.empty() && r.routes.ipv6.empty()) return Chance::kUnlikely;
  switch (r.measured.mapping) {
    case Mapping::kNone:
    case Mapping::kEndpointIndependent:
      return Chance::kLikely;
    case Mapping::kSymmetric:
      return Chance::kUnlikely;
    case Mapping::kUnknown:
      break;
  }
  return r.nat == Nat::kNone ? Chance::kLikely : Chance::kUnknown;
}

Finding examine_network(const Reachability& r) {
  Finding out{.id = "network"};
  const bool outside = !r.routes.ipv4.empty() || !r.routes.ipv6.empty();
  if (outside) {
    out.state = State::kOk;
    out.title = "Connected by " + (r.routes.ipv4.empty() ? r.routes.ipv6 : r.routes.ipv4);
  } else if (r.same_network == Chance::kLikely) {
    out.state = State::kWarning;
    out.title = "Connected to a local network without a way to the internet";
    out.detail = "People on the same network can watch; nobody else.";
  } else {
    out.state = State::kProblem;
    out.title = "No network";
    out.detail = "Only programs on this machine can watch.";
    out.fix = "Connect to a network; two machines can use one's mobile hotspot.";
  }
  return out;
}

std::string seen_as(const Reachability& r) {
  return r.measured.mapped ? " (seen as " + transport::to_text(*r.measured.mapped) + ")" : "";
}

void describe_unmeasured(const Reachability& r, Finding& out) {
  const bool asked = r.measured.asked > 0 || !r.measured.error.empty();
  if (asked && r.measured.answered == 0) {
    out.state = State::kWarning;
    out.title = "No STUN server answered";
    out.detail = !r.measured.error.empty()
                     ? r.measured.error
                     : "A firewall may block UDP, and then swarmcast cannot work, or the server is "
                       "down.";
    out.fix = "Try another server: swarmcast doctor --stun HOST:PORT";
    return;
  }
  if (r.nat == Nat::kNone) {
    out.state = State::kOk;
    out.title = "This machine has a public address of its own";
    return;
  }
  out.title = r.nat == Nat::kLikely    ? "Probably behind a router that translates addresses (NAT)"
              : r.nat == Nat::kCarrier ? "Behind a translator (NAT) of the internet provider's"
                                       : "Cannot tell whether a router translates addresses (NAT)";
  out.detail =
      asked ? "One answer cannot show what kind it is: two servers must be asked" + seen_as(r) + "."
            : "What kind it is cannot be known without asking a server, and the doctor "
              "asks nobody unless told to.";
  out.fix = "swarmcast doctor --stun HOST:PORT --stun OTHER-HOST:PORT    (they learn your address)";
}

Finding examine_nat(const Reachability& r) {
  Finding out{.id = "nat"};
  switch (r.measured.mapping) {
    case Mapping::kUnknown:
      describe_unmeasured(r, out);
      break;
    case Mapping::kNone:
      out.state = State::kOk;
      out.title = "No address translation (NAT)" + seen_as(r);
      break;
    case Mapping::kEndpointIndependent:
      out.state = State::kOk;
      out.title = "Behind a router whose address translation (NAT) is friendly" + seen_as(r);
      break;
    case Mapping::kSymmetric:
      out.state = State::kWarning;
      out.title = "Behind an address translation (NAT) of the strict kind (symmetric)" + seen_as(r);
      out.detail =
          "It shows another port to everybody, so most others can only be reached through a relay.";
      out.fix =
          "Use another network (a mobile hotspot is often strict, a home router rarely), or "
          "forward the port on the router.";
      break;
  }
  return out;
}

uint16_t port_or_example(uint16_t port) { return port == 0 ? kExamplePort : port; }

Finding examine_direct_dial(const Reachability& r, uint16_t port) {
  Finding out{.id = "direct-dial"};
  const std::string number = std::to_string(port_or_example(port));
  const std::string forward =
      "On your router, forward UDP and TCP port " + number +
      " to this machine, then: swarmcast broadcast --listen 0.0.0.0:" + number +
      " --host YOUR-PUBLIC-ADDRESS";
  switch (r.direct_dial) {
    case Chance::kLikely:
      out.state = State::kOk;
      out.title = "Others can probably dial this machine directly";
      break;
    case Chance::kPossible:
      out.title = "Others may reach this machine directly over IPv6, if the router lets them";
      out.detail = "It has a public IPv6 address. Most routers block what comes in.";
      out.fix = "Allow UDP port " + number +
                " for this machine in the router's IPv6 firewall, "
                "then: swarmcast broadcast --listen [::]:" +
                number;
      break;
    case Chance::kUnlikely:
      out.state = State::kWarning;
      out.title = r.nat == Nat::kCarrier
                      ? "Others cannot dial this machine: the provider shares one address"
                      : "Others cannot dial this machine from outside its network";
      out.detail = "An invite of yours works on the same network, or through other ways in.";
      out.fix =
          r.nat == Nat::kCarrier
              ? "Let a friend with a public address run \"swarmcast relay INVITE\" and hand on "
                "the invite that it prints."
              : forward;
      break;
    case Chance::kUnknown:
      out.title = "Cannot tell whether others can dial this machine";
      out.fix = forward;
      break;
  }
  return out;
}

Finding examine_other_ways(const Reachability& r) {
  Finding out{.id = "other-ways"};
  switch (r.hole_punching) {
    case Chance::kLikely:
      out.state = State::kOk;
      out.title = "Most others can be reached with the help of somebody both sides can reach";
      break;
    case Chance::kUnlikely:
      out.state = State::kWarning;
      out.title = r.routes.ipv4.empty() && r.routes.ipv6.empty()
                      ? "No other way: there is no network to the outside"
                      : "Most others can be reached only through a relay";
      out.detail = "Somebody with a public address has to pass the stream on.";
      out.fix = "There: swarmcast relay INVITE    (hand on the invite that it prints)";
      break;
    default:
      out.title = "Cannot tell how well others can be reached with somebody's help";
      out.detail = "It depends on the kind of address translation (NAT), see above.";
      break;
  }
  return out;
}

}  // namespace

const char* name(Nat nat) {
  switch (nat) {
    case Nat::kNone:
      return "none";
    case Nat::kLikely:
      return "likely";
    case Nat::kCarrier:
      return "carrier";
    case Nat::kUnknown:
      return "unknown";
  }
  return "unknown";
}

const char* name(Mapping mapping) {
  switch (mapping) {
    case Mapping::kUnknown:
      return "unknown";
    case Mapping::kNone:
      return "none";
    case Mapping::kEndpointIndependent:
      return "endpoint_independent";
    case Mapping::kSymmetric:
      return "symmetric";
  }
  return "unknown";
}

const char* name(Chance chance) {
  switch (chance) {
    case Chance::kLikely:
      return "likely";
    case Chance::kPossible:
      return "possible";
    case Chance::kUnlikely:
      return "unlikely";
    case Chance::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Reachability judge_reachability(const Endpoint& listen, std::vector<OwnAddress> addresses,
                                DefaultRoutes routes, NatMeasurement measured) {
  Reachability out{.listen = listen,
                   .addresses = std::move(addresses),
                   .routes = std::move(routes),
                   .measured = std::move(measured)};
  out.nat = guess_nat(out);
  const bool outside = !out.routes.ipv4.empty() || !out.routes.ipv6.empty();
  const bool neighbours = std::ranges::any_of(out.addresses, [&](const OwnAddress& a) {
    return a.kind != AddressKind::kLoopback && listens_on(listen, a);
  });
  out.direct_dial = guess_direct_dial(out);
  out.same_network = neighbours ? Chance::kLikely : Chance::kUnlikely;
  out.hole_punching = guess_hole_punching(out);
  out.relay = outside ? Chance::kLikely : Chance::kUnlikely;
  return out;
}

std::vector<Finding> examine_reachability(const Reachability& r, uint16_t port) {
  return {examine_network(r), examine_nat(r), examine_direct_dial(r, port), examine_other_ways(r)};
}

std::optional<Finding> examine_firewall(const Machine& machine, uint16_t port) {
  const auto enabled = machine.find_line("/etc/ufw/ufw.conf", "ENABLED=");
  if (!enabled || enabled->find("yes") == enabled->npos) return std::nullopt;
  Finding out{.id = "firewall", .state = State::kWarning};
  out.title = "A firewall (ufw) is switched on";
  out.detail = "It blocks whoever dials this machine, unless a rule lets them in.";
  out.fix = "sudo ufw allow " + std::to_string(port_or_example(port)) + "    (UDP and TCP)" +
            (port == 0 ? ", and start with --listen 0.0.0.0:" + std::to_string(kExamplePort) : "");
  return out;
}

}  // namespace swarmcast::doctor
