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
  static constexpr size_t kMaxDatagrams = 2;  // of one sender: Chromium's ClientHello has two

  void keep(const Endpoint& from, ByteSpan datagram, Instant now) {
    if (datagram.size() > kMaxDatagramSize) return;
    // The latest count: an older one may be of a dial that is over.
    const auto from_there = std::ranges::count_if(
        flights_, [&](const Flight& f) { return f.size > 0 && f.from == from; });
    if (static_cast<size_t>(from_there) == kMaxDatagrams) take(from, now);
    Flight& flight = *std::ranges::min_element(flights_, {}, &Flight::number);
    flight.from = from;
    flight.until = now + kLife;
    flight.number = ++last_number_;
    flight.size = datagram.size();
    std::ranges::copy(datagram, flight.bytes.begin());
  }
  // The oldest that is left of one sender's; empty if there is none. Valid until the next keep().
  MutableByteSpan take(const Endpoint& from, Instant now) {
    Flight* oldest = nullptr;
    for (Flight& flight : flights_) {
      if (flight.size == 0 || flight.from != from) continue;
      if (now >= flight.until) {
        flight = {};
      } else if (oldest == nullptr || flight.number < oldest->number) {
        oldest = &flight;
      }
    }
    if (oldest == nullptr) return {};
    oldest->number = 0;
    return {oldest->bytes.data(), std::exchange(oldest->size, 0)};
  }

 private:
  struct Flight {
    Endpoint from;
    Instant until;
    uint64_t number = 0;  // in order of arrival; 0: nothing is kept here
    size_t size = 0;
    Bytes<kMaxDatagramSize> bytes;
  };
  std::array<Flight, 8> flights_;
  uint64_t last_number_ = 0;
};

}  // namespace swarmcast::transport
