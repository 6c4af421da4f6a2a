// The emulator's language: one command a line, the same in a file, on stdin and at run time.
//
//   host NAME ADDRESS          a new network namespace with one interface, IPv4 address ADDRESS
//   path A B KEY=VALUE...      one direction; A or B may be * (every host)
//   link A B KEY=VALUE...      both directions
//   uplink A KEY=VALUE...      rate, queue: shared by all that A sends (downlink: receives)
//   nat A ADDRESS cone|symmetric   others see A at ADDRESS only, behind a translator
//   forward A PORT             its translator lets TCP to that port in
//   site A B                   behind any translator, A and B reach each other as they are
//   cut A B on|off|DURATION    both directions carry nothing (for DURATION from now)
//   loss A B SHARE [BURST]     both directions
//   stats                      print the counters now
//   stats hosts                without those of each path: with many hosts that is a long line
//
// KEY=VALUE: delay=20ms jitter=5ms reorder=30ms loss=0.1|10% burst=4 rate=5mbit queue=100ms.
// jitter keeps the order, reorder does not. rate=0 is unlimited. udp=off is a firewall that lets
// TCP through. Empty lines and # are skipped.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tools/wan/network.h"

namespace swarmcast::wan {

// "20ms", "500us", "1.5s"; at most a minute.
std::optional<Duration> parse_duration(std::string_view text);
// "5mbit", "800kbit", "0"; at most 10 Gbit/s.
std::optional<DataRate> parse_rate(std::string_view text);
// "0.1", "10%".
std::optional<double> parse_share(std::string_view text);
// "10.77.1.1".
std::optional<Address> parse_address(std::string_view text);

// What a line can ask for beyond the network's own settings.
struct CommandHooks {
  // Makes the interface of a host the network has just accepted; an error sentence or nullopt.
  std::function<std::optional<std::string>(size_t host)> make_interface;
  std::function<void(bool with_paths)> print_stats;
};

// Carries out one line; an error sentence if it cannot. A line that fails may have set the keys
// before the wrong one.
std::optional<std::string> run_command(Network& network, Instant now, const std::string& line,
                                       const CommandHooks& hooks);

}  // namespace swarmcast::wan
