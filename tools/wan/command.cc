#include "tools/wan/command.h"

#include <arpa/inet.h>

#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

namespace swarmcast::wan {
namespace {

using Error = std::optional<std::string>;
using Words = std::vector<std::string>;

// A non-negative number, and the unit that follows it.
std::optional<std::pair<double, std::string_view>> split_unit(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  return std::pair(value, text.substr(static_cast<size_t>(end - text.data())));
}

Error set_bottleneck(Bottleneck& bottleneck, std::string_view key, std::string_view value) {
  if (key == "rate") {
    const auto rate = parse_rate(value);
    if (!rate) return "rate wants a number and bit, kbit or mbit: rate=5mbit";
    bottleneck.rate = *rate;
    return std::nullopt;
  }
  if (key == "queue") {
    const auto queue = parse_duration(value);
    if (!queue) return "queue wants a time: queue=100ms";
    bottleneck.queue = *queue;
    return std::nullopt;
  }
  return "unknown setting " + std::string(key);
}

Error set_path(Path& path, std::string_view key, std::string_view value) {
  Duration* const time = key == "delay"     ? &path.delay
                         : key == "jitter"  ? &path.jitter
                         : key == "reorder" ? &path.reorder
                                            : nullptr;
  if (time != nullptr) {
    const auto duration = parse_duration(value);
    if (!duration) return std::string(key) + " wants a time: " + std::string(key) + "=20ms";
    *time = *duration;
    return std::nullopt;
  }
  if (key == "loss") {
    const auto share = parse_share(value);
    if (!share || !path.loss.set(*share, path.loss.burst())) {
      return "loss wants a share that the burst length allows: loss=0.1";
    }
    return std::nullopt;
  }
  if (key == "burst") {
    const auto burst = split_unit(value);
    if (!burst || !burst->second.empty() || !path.loss.set(path.loss.mean(), burst->first)) {
      return "burst wants a mean run length of at least loss / (1 - loss): burst=4";
    }
    return std::nullopt;
  }
  if (key == "udp") {
    if (value != "on" && value != "off") return "udp wants on or off: udp=off";
    path.udp = value == "on";
    return std::nullopt;
  }
  return set_bottleneck(path.bottleneck, key, value);
}

// Every host for "*", one host for a name, none if there is no such host.
std::vector<size_t> hosts_named(const Network& network, const std::string& name) {
  std::vector<size_t> out;
  for (size_t i = 0; i < network.hosts().size(); ++i) {
    if (name == "*" || network.hosts()[i].name == name) out.push_back(i);
  }
  return out;
}

// Applies `change` to the paths from a to b, and back if `both`.
template <typename Change>
Error for_paths(Network& network, const std::string& a, const std::string& b, bool both,
                Change change) {
  const std::vector<size_t> from = hosts_named(network, a), to = hosts_named(network, b);
  if (from.empty() || to.empty()) return "no host " + (from.empty() ? a : b);
  for (size_t i : from) {
    for (size_t j : to) {
      if (Error error = change(network.path(i, j))) return error;
      if (!both) continue;
      if (Error error = change(network.path(j, i))) return error;
    }
  }
  return std::nullopt;
}

// Calls `set(key, value)` for each word KEY=VALUE from `first` on.
template <typename Set>
Error for_settings(const Words& words, size_t first, Set set) {
  for (size_t i = first; i < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    if (equals == std::string::npos) return "expected KEY=VALUE, not " + words[i];
    const std::string_view word = words[i];
    if (Error error = set(word.substr(0, equals), word.substr(equals + 1))) return error;
  }
  return std::nullopt;
}

Error add_host(Network& network, const Words& words, const CommandHooks& hooks) {
  const auto address = words.size() == 3 ? parse_address(words[2]) : std::nullopt;
  if (!address || words[1] == "*") return "host wants a name and an address: host a 10.77.1.1";
  const std::optional<size_t> index = network.add_host(words[1], *address);
  if (!index) return "the name or address is taken, or there are too many hosts";
  return hooks.make_interface(*index);
}

Error set_nat(Network& network, const Words& words) {
  const auto host = network.find_host(words[1]);
  if (!host) return "no host " + words[1];
  const auto outside = parse_address(words[2]);
  if (!outside || (words[3] != "cone" && words[3] != "symmetric")) {
    return "nat wants an address and a kind: nat a 198.51.100.1 cone|symmetric";
  }
  const Mapping mapping = words[3] == "cone" ? Mapping::kEndpointIndependent : Mapping::kSymmetric;
  if (network.set_nat(*host, mapping, *outside)) return std::nullopt;
  return "the address is taken";
}

Error forward(Network& network, const Words& words) {
  const auto host = network.find_host(words[1]);
  if (!host || !network.host(*host).nat) return "no host with a nat: " + words[1];
  const auto port = split_unit(words[2]);
  constexpr double kMaxPort = 65'535;
  if (!port || !port->second.empty() || port->first < 1 || port->first > kMaxPort)
    return "forward wants a port: forward a 8080";
  if (network.host(*host).nat->forward_tcp(static_cast<uint16_t>(port->first))) return std::nullopt;
  return "too many ports";
}

Error join_sites(Network& network, const Words& words) {
  const auto a = network.find_host(words[1]), b = network.find_host(words[2]);
  if (!a || !b) return "no host " + words[a ? 2 : 1];
  network.join_sites(*a, *b);
  return std::nullopt;
}

Error set_access(Network& network, const Words& words) {
  const std::vector<size_t> hosts = hosts_named(network, words[1]);
  if (hosts.empty()) return "no host " + words[1];
  for (size_t i : hosts) {
    Host& host = network.host(i);
    Bottleneck& bottleneck = words[0] == "uplink" ? host.uplink : host.downlink;
    const auto set = [&](std::string_view k, std::string_view v) {
      return set_bottleneck(bottleneck, k, v);
    };
    if (Error error = for_settings(words, 2, set)) return error;
  }
  return std::nullopt;
}

Error cut(Network& network, Instant now, const Words& words) {
  Instant until;
  if (words[3] == "on") {
    until = Instant::never();
  } else if (words[3] != "off") {
    const auto duration = parse_duration(words[3]);
    if (!duration) return "cut wants on, off or a time";
    until = now + *duration;
  }
  return for_paths(network, words[1], words[2], true, [&](Path& path) -> Error {
    path.cut_until = until;
    return std::nullopt;
  });
}

Error set_loss(Network& network, const Words& words) {
  const auto share = parse_share(words[3]);
  const auto burst = words.size() > 4 ? split_unit(words[4]) : std::pair(1.0, std::string_view());
  if (!share || !burst) return "loss wants a share and perhaps a burst length: loss a b 0.1 4";
  return for_paths(network, words[1], words[2], true, [&](Path& path) -> Error {
    if (path.loss.set(*share, burst->first)) return std::nullopt;
    return "no chain has that mean loss with runs that short";
  });
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts) return std::nullopt;
  const auto& [value, unit] = *parts;
  const double us = unit == "us"   ? value
                    : unit == "ms" ? value * 1e3
                    : unit == "s"  ? value * 1e6
                    : value == 0   ? 0
                                   : -1;
  if (us < 0 || us > 60e6) return std::nullopt;
  return Duration::micros(std::llround(us));
}

std::optional<DataRate> parse_rate(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts) return std::nullopt;
  const auto& [value, unit] = *parts;
  const double bps = unit == "bit"    ? value
                     : unit == "kbit" ? value * 1e3
                     : unit == "mbit" ? value * 1e6
                     : value == 0     ? 0
                                      : -1;
  if (bps < 0 || bps > 10e9) return std::nullopt;
  return DataRate::bps(std::llround(bps));
}

std::optional<double> parse_share(std::string_view text) {
  const auto parts = split_unit(text);
  if (!parts || (!parts->second.empty() && parts->second != "%")) return std::nullopt;
  const double share = parts->second.empty() ? parts->first : parts->first / 100;
  return share <= 1 ? std::optional(share) : std::nullopt;
}

std::optional<Address> parse_address(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::optional<std::string> run_command(Network& network, Instant now, const std::string& line,
                                       const CommandHooks& hooks) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.empty() || words[0][0] == '#') return std::nullopt;
  const std::string& verb = words[0];
  if (verb == "stats" && (words.size() == 1 || words[1] == "hosts")) {
    hooks.print_stats(words.size() == 1);
    return std::nullopt;
  }
  if (verb == "host") return add_host(network, words, hooks);
  if (verb == "nat" && words.size() == 4) return set_nat(network, words);
  if (verb == "forward" && words.size() == 3) return forward(network, words);
  if (verb == "site" && words.size() == 3) return join_sites(network, words);
  if ((verb == "uplink" || verb == "downlink") && words.size() >= 3) {
    return set_access(network, words);
  }
  if ((verb == "path" || verb == "link") && words.size() >= 4) {
    return for_paths(network, words[1], words[2], verb == "link", [&](Path& path) {
      return for_settings(
          words, 3, [&](std::string_view k, std::string_view v) { return set_path(path, k, v); });
    });
  }
  if (verb == "cut" && words.size() == 4) return cut(network, now, words);
  if (verb == "loss" && (words.size() == 4 || words.size() == 5)) return set_loss(network, words);
  return "cannot read: " + line;
}

}  // namespace swarmcast::wan
