// What a stranger can make the native transport do, at most.
#pragma once

#include <cstddef>

#include "engine/base/limits.h"
#include "engine/base/time.h"

namespace swarmcast::transport {

struct NativeLimits {
  size_t max_links = kMaxLinks;  // up or being dialled

  // Links a stranger has begun: a valid STUN request has come, the handshake is not over.
  size_t max_half_open = 256;
  size_t max_half_open_per_network = 8;  // IPv4 /24, IPv6 /48
  Duration half_open_life = Duration::seconds(3);
  // Before the first authentic record, to one address: bytes sent per byte received (UDP payload),
  // and repetitions of our flight.
  size_t max_amplification = 3;
  int max_retransmissions = 2;

  // Dials are given up after this.
  Duration dial_limit = Duration::seconds(5);
  // A link with no authentic packet for so long is down. The engine notices much sooner.
  Duration silence = Duration::seconds(15);
  // The dialler shows that it is there (RFC 7675) if nothing went one way for so long.
  Duration keepalive = Duration::seconds(4);

  // How often the two above are looked at.
  Duration tick = Duration::seconds(1);

  // Records from unknown addresses tried against all links a tick: a neighbour's address may
  // change under its feet (NAT rebinding), but each try costs a decryption.
  size_t max_trials_per_tick = 256;
};

}  // namespace swarmcast::transport
