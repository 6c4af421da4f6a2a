#include "host/doctor/doctor.h"

#include <algorithm>
#include <iterator>

#include "host/doctor/device_probes.h"
#include "host/doctor/memory_probes.h"
#include "host/doctor/port_probes.h"
#include "host/doctor/storage.h"
#include "host/media_loader/media_loader.h"

namespace swarmcast::doctor {

bool Report::has_problem() const {
  return std::ranges::any_of(findings, [](const Finding& f) { return f.state == State::kProblem; });
}

Report examine(const Machine& machine, const DoctorOptions& options) {
  const PortFindings ports = examine_ports(options.listen);
  const auto addresses = own_addresses();
  NatMeasurement measured;
  if (!options.stun.empty()) {
    std::vector<Endpoint> own;
    std::ranges::transform(addresses, std::back_inserter(own), &OwnAddress::address);
    measured = measure_nat(options.listen, options.stun, own);
  }
  Report out{.reachability = judge_reachability(options.listen, addresses, default_routes(machine),
                                                std::move(measured))};
  auto& f = out.findings;
  f = {examine_media_module(load_media().error),
       examine_camera(machine),
       examine_display(machine),
       examine_sound(machine),
       ports.udp,
       ports.tcp};
  if (auto firewall = examine_firewall(machine, options.listen.port)) f.push_back(*firewall);
  std::ranges::move(examine_reachability(out.reachability, options.listen.port),
                    std::back_inserter(f));
  std::ranges::move(std::vector<Finding>{examine_memory_lock(machine), examine_swap(machine),
                                         examine_hibernation(machine), examine_core_dumps(machine),
                                         examine_debuggers(machine), examine_memory_wiping(machine),
                                         examine_disk(machine), examine_clock(WallClock::read())},
                    std::back_inserter(f));
  return out;
}

}  // namespace swarmcast::doctor
