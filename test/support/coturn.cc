#include "test/support/coturn.h"

namespace swarmcast::test {
namespace {

constexpr milliseconds kReadyTime{15'000};
constexpr milliseconds kPoll{5};
constexpr int kNotInstalled = 127;

}  // namespace

std::unique_ptr<Coturn> Coturn::start(const std::string& address, uint16_t port, std::string* why,
                                      const std::string& network_namespace) {
  std::unique_ptr<Coturn> coturn(new Coturn);
  coturn->process_ = Process::start(
      {.command = {"turnserver", "-n", "--listening-ip=" + address, "--relay-ip=" + address,
                   "--listening-port=" + std::to_string(port), "--lt-cred-mech",
                   std::string("--user=") + kUser + ":" + kPassword, "--realm=swarmcast.test",
                   "--no-tls", "--no-dtls", "--no-cli", "--simple-log", "--log-file=stdout",
                   "--verbose", "--pidfile=", "--userdb=:memory:", "--allow-loopback-peers"},
       .network_namespace = network_namespace});
  if (!coturn->process_) {
    *why = "cannot start turnserver";
    return nullptr;
  }
  // It names its listeners as it opens them, the one for TCP last.
  const int64_t limit = monotonic_us() + std::chrono::microseconds(kReadyTime).count();
  while (coturn->text().find("TCP listener opened on : " + address) == std::string::npos) {
    const auto exit = coturn->process_->wait_exit(kPoll);
    if (!exit && monotonic_us() < limit) continue;
    const bool missing = exit && exit->code == kNotInstalled;
    *why = missing ? "coturn is not installed" : "coturn does not start: " + coturn->text();
    return nullptr;
  }
  return coturn;
}

}  // namespace swarmcast::test
