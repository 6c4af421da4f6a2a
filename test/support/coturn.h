// A STUN and TURN server for tests: Debian's coturn, with everything it keeps in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "test/support/process.h"

namespace swarmcast::test {

class Coturn {
 public:
  static constexpr const char* kUser = "viewer";
  static constexpr const char* kPassword = "not-a-secret";

  // Listens at `address`:`port`, UDP and TCP, and relays from `address`; in a namespace if one is
  // named. nullptr and the reason in `why` if it is not installed or does not start.
  static std::unique_ptr<Coturn> start(const std::string& address, uint16_t port, std::string* why,
                                       const std::string& network_namespace = {});
  // What it has logged so far.
  std::string text() const { return process_->text(); }

 private:
  Coturn() = default;
  std::unique_ptr<Process> process_;
};

}  // namespace swarmcast::test
