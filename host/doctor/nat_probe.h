// Asks STUN servers how the outside sees this host, and so what kind of NAT is in between
// (RFC 5780, section 4.3, without its test of filtering).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/contact.h"

namespace swarmcast::doctor {

enum class Mapping {
  kUnknown,              // not asked, or too few answers
  kNone,                 // seen under our own address: no NAT
  kEndpointIndependent,  // one outside port, whoever is asked
  kSymmetric,            // another outside port or address for each destination
};

struct NatMeasurement {
  Mapping mapping = Mapping::kUnknown;
  std::optional<Endpoint> mapped;  // our address as the first server sees it
  size_t asked = 0;                // addresses that were sent a request
  size_t answered = 0;
  std::string error;  // a sentence if a server's name or our port could not be used
};

// Two servers are enough; a further address of theirs is asked only if they name one.
inline constexpr size_t kMaxStunServers = 4;

// Sends Binding requests (RFC 8489) from UDP `local` to each server, "HOST:PORT" with a name or an
// address, and where there is only one, to the OTHER-ADDRESS it names. Blocks up to 4 s a server
// that does not answer, and for as long as the system's resolver takes for a name. `own` are this
// host's addresses: being seen under one of them is kNone.
NatMeasurement measure_nat(const Endpoint& local, const std::vector<std::string>& servers,
                           const std::vector<Endpoint>& own);

}  // namespace swarmcast::doctor
