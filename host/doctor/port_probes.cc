#include "host/doctor/port_probes.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::doctor {
namespace {

struct Attempt {
  int error = 0;  // errno; 0: it can be bound
  uint16_t port = 0;
};

Attempt try_bind(const Endpoint& where, int type) {
  const transport::BoundSocket socket(where, type);
  return {socket.error(), socket.error() == 0 ? socket.local().port : where.port};
}

// Ports that are asked for by nobody else: a few tries find a number free in both protocols.
constexpr int kTries = 8;

void describe(Finding& out, int error, const Endpoint& where, const std::string& protocol,
              const char* list_flag) {
  const std::string port = std::to_string(where.port);
  out.title = protocol + " port " + port + " cannot be opened";
  switch (error) {
    case EADDRINUSE:
      out.title = protocol + " port " + port + " is in use by another program";
      out.fix = std::string("ss -") + list_flag + "np 'sport = :" + port +
                "'    (shows which; or choose another with --listen, port 0 for any)";
      return;
    case EADDRNOTAVAIL:
      out.title = "This machine has no address " + transport::address_text(where);
      out.fix = "ip address    (lists its addresses; give one of them to --listen, or 0.0.0.0)";
      return;
    case EACCES:
    case EPERM:
      out.title = "You may not open " + protocol + " port " + port;
      out.fix = "Choose a port above 1023: --listen 0.0.0.0:9000";
      return;
    default:
      out.detail = strerror(error);
      out.fix = "Choose another with --listen 0.0.0.0:9000";
  }
}

}  // namespace

PortFindings examine_ports(const Endpoint& listen) {
  PortFindings out{.udp = {.id = "udp-port"}, .tcp = {.id = "tcp-port"}};
  Endpoint where = listen;
  Attempt udp, tcp;
  for (int i = 0; i < kTries; ++i) {
    udp = try_bind(listen, SOCK_DGRAM);
    where.port = udp.port;
    if (where.port != 0) tcp = try_bind(where, SOCK_STREAM);
    if (listen.port != 0 || tcp.error == 0) break;
  }
  out.port = where.port;
  const std::string which =
      listen.port == 0 ? "a free port" : "port " + std::to_string(listen.port);
  if (udp.error == 0) {
    out.udp.state = State::kOk;
    out.udp.title = "Links: UDP " + which + " can be opened";
  } else {
    out.udp.state = State::kProblem;
    describe(out.udp, udp.error, where, "UDP", "ulp");
    if (out.udp.detail.empty()) out.udp.detail = "Without it nobody can be reached or reach you.";
  }
  if (where.port == 0) {
    out.tcp.title = "The TCP port was not tried, as there is no UDP port";
  } else if (tcp.error == 0) {
    out.tcp.state = State::kOk;
    out.tcp.title = "Gateway: TCP " + which + " can be opened";
  } else {
    out.tcp.state = State::kWarning;
    describe(out.tcp, tcp.error, where, "TCP", "tlp");
    out.tcp.detail =
        "swarmcast works without it, but those who cannot dial you directly will not find a way "
        "through its gateway.";
  }
  return out;
}

}  // namespace swarmcast::doctor
