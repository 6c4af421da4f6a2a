// What the user says about STUN and TURN servers, and the settings of ICE links.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/link_description.h"
#include "engine/base/time.h"

namespace swarmcast::transport {

inline constexpr size_t kMaxStunServers = 4;
inline constexpr size_t kMaxTurnServers = 4;

// Tells us the address under which our NAT shows us (RFC 8489).
struct StunServer {
  Endpoint endpoint;
};

// Forwards packets for those who can reach each other in no other way (RFC 8656), over UDP or, for
// networks that let no UDP out, over TCP. The peer is sent UDP in either case.
struct TurnServer {
  Endpoint endpoint;
  bool tcp = false;
  std::string user;
  std::string password;
};

struct TransportOptions {
  std::vector<StunServer> stun;  // links take turns
  std::vector<TurnServer> turn;  // each link uses all
  // Only relayed candidates leave this node, so that peers learn the TURN server's address instead
  // of ours. STUN servers are not asked.
  bool relay_only = false;
};

// How long each step waits before it tries again. A relayed path may take 200 ms each way, and
// looks dead under the timers of a direct one.
struct IceProfile {
  Duration pacing;         // Ta (RFC 8445, 14.2): between two checks
  Duration stun_timeout;   // of the first try; the next waits twice as long, the last half of that
  unsigned stun_tries;     // so many: together they outlast any round trip that is of use
  Duration dtls_timeout;   // of the first flight
  Duration connect_limit;  // from both descriptions known to the link up
};

inline constexpr IceProfile kDirectProfile{
    .pacing = Duration::millis(5),
    .stun_timeout = Duration::millis(100),
    .stun_tries = 6,  // 3.9 s
    .dtls_timeout = Duration::millis(150),
    .connect_limit = Duration::seconds(10),
};
inline constexpr IceProfile kRelayedProfile{
    .pacing = Duration::millis(20),
    .stun_timeout = Duration::millis(500),
    .stun_tries = 4,  // 4.5 s
    .dtls_timeout = Duration::seconds(1),
    .connect_limit = Duration::seconds(20),
};
// Once a pair is selected: what remains to be checked may take its time, and hundreds of idle links
// must not keep a processor busy.
inline constexpr Duration kSettledPacing = Duration::millis(500);

struct IceLimits {
  IceProfile direct = kDirectProfile;
  IceProfile relayed = kRelayedProfile;
  size_t max_links = kMaxLinks;  // being prepared or up
  // Candidates found by then make up the first description.
  Duration first_description = Duration::millis(300);
  // Relayed candidates are waited for no longer if no other way is allowed. libnice itself may
  // wait for a dead server for ever.
  Duration gathering = Duration::seconds(8);
  // The other side's description must come within this.
  Duration remote_description = Duration::seconds(30);
};

}  // namespace swarmcast::transport
