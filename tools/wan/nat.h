// The address and port translator in front of a host (RFC 4787). It lets in what comes from an
// address and port that the host has sent to before, what is for a forwarded port, and nothing
// else. No I/O, no clock.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"

namespace swarmcast::wan {

using Address = uint32_t;  // IPv4, host byte order

// Beyond either, packets are dropped; nothing is ever forgotten.
inline constexpr size_t kMaxMappings = 1'024;
inline constexpr size_t kMaxPeersPerMapping = 256;

enum class Mapping {
  kEndpointIndependent,  // a port of the host has one port outside, whomever it sends to
  kSymmetric,            // another one for each address and port it sends to
};

class Nat {
 public:
  Nat(Mapping mapping, Address inside, Address outside)
      : mapping_(mapping), inside_(inside), outside_(outside) {}

  Address outside() const { return outside_; }
  // From now on the same TCP port outside leads to that port of the host, whoever asks: what people
  // tell their routers to do for a web server. False if there are too many.
  bool forward_tcp(uint16_t port);
  // Translate a packet of either direction in place. False if it is to be dropped: unsolicited,
  // neither UDP nor TCP, a fragment, or beyond a limit.
  bool outbound(MutableByteSpan packet);
  bool inbound(MutableByteSpan packet);

 private:
  struct Peer {
    Address address;
    uint16_t port;
    bool operator==(const Peer&) const = default;
  };
  struct Entry {
    uint8_t protocol;
    uint16_t inside_port;
    uint16_t outside_port;
    std::vector<Peer> peers;  // sent to; one if symmetric
    bool forwarded = false;   // then for all
  };
  Entry* entry_for(uint8_t protocol, uint16_t inside_port, const Peer& to);

  Mapping mapping_;
  Address inside_;
  Address outside_;
  std::vector<Entry> entries_;
};

}  // namespace swarmcast::wan
