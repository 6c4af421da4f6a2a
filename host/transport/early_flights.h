// A dialler sends its ClientHello right behind its STUN request. If they change places on the way,
// the ClientHello waits here for the request that admits it.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {

// Bounded: a flood of strangers only pushes out other strangers' flights.
class EarlyFlights {
 public:
  void keep(const Endpoint& from, ByteSpan datagram) {
    if (datagram.size() > kMaxDatagramSize) return;
    Flight& flight = flights_[next_++ % flights_.size()];
    flight.from = from;
    flight.size = datagram.size();
    std::ranges::copy(datagram, flight.bytes.begin());
  }
  // Empty if there is none. Valid until the next keep().
  MutableByteSpan take(const Endpoint& from) {
    for (Flight& flight : flights_) {
      if (flight.size == 0 || flight.from != from) continue;
      return {flight.bytes.data(), std::exchange(flight.size, 0)};
    }
    return {};
  }

 private:
  struct Flight {
    Endpoint from;
    size_t size = 0;
    Bytes<kMaxDatagramSize> bytes;
  };
  std::array<Flight, 4> flights_;
  size_t next_ = 0;
};

}  // namespace swarmcast::transport
