// A dialler sends its ClientHello right behind its STUN request. If they change places on the way,
// the ClientHello waits here for the request that admits it.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/time.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {

// Bounded: a flood of strangers only pushes out other strangers' flights.
class EarlyFlights {
 public:
  static constexpr Duration kLife = Duration::millis(20);

  void keep(const Endpoint& from, ByteSpan datagram, Instant now) {
    if (datagram.size() > kMaxDatagramSize) return;
    take(from, now);  // the latest counts: an older one may be of a dial that is over
    Flight& flight = flights_[next_++ % flights_.size()];
    flight.from = from;
    flight.until = now + kLife;
    flight.size = datagram.size();
    std::ranges::copy(datagram, flight.bytes.begin());
  }
  // Empty if there is none. Valid until the next keep().
  MutableByteSpan take(const Endpoint& from, Instant now) {
    for (Flight& flight : flights_) {
      if (flight.size == 0 || flight.from != from) continue;
      const size_t size = std::exchange(flight.size, 0);
      if (now < flight.until) return {flight.bytes.data(), size};
    }
    return {};
  }

 private:
  struct Flight {
    Endpoint from;
    Instant until;
    size_t size = 0;
    Bytes<kMaxDatagramSize> bytes;
  };
  std::array<Flight, 4> flights_;
  size_t next_ = 0;
};

}  // namespace swarmcast::transport
