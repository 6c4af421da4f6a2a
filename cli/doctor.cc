#include "cli/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/exit_codes.h"
#include "cli/print.h"
#include "host/doctor/doctor.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::cli {
namespace {

using Json = nlohmann::ordered_json;
using doctor::State;

const char* name(State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kWarning:
      return "warning";
    case State::kProblem:
      return "problem";
    case State::kUnknown:
      return "unknown";
  }
  return "unknown";
}

struct Label {
  const char* text;
  const char* colour;
};

Label label(State state) {
  switch (state) {
    case State::kOk:
      return {"good", "\x1b[32m"};
    case State::kWarning:
      return {"warning", "\x1b[33m"};
    case State::kProblem:
      return {"problem", "\x1b[1;31m"};
    case State::kUnknown:
      return {"unknown", "\x1b[36m"};
  }
  return {"unknown", ""};
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const doctor::Reachability& r) {
  Json addresses = Json::array();
  for (const doctor::OwnAddress& a : r.addresses) {
    addresses.push_back({{"address", transport::address_text(a.address)},
                         {"interface", a.interface},
                         {"kind", doctor::name(a.kind)}});
  }
  return {{"listen", transport::to_text(r.listen)},
          {"addresses", addresses},
          {"default_route", {{"ipv4", or_null(r.routes.ipv4)}, {"ipv6", or_null(r.routes.ipv6)}}},
          {"nat", doctor::name(r.nat)},
          {"mapping", doctor::name(r.measured.mapping)},
          {"mapped", r.measured.mapped ? Json(transport::to_text(*r.measured.mapped)) : Json()},
          {"stun", {{"asked", r.measured.asked}, {"answered", r.measured.answered}}},
          {"direct_dial", doctor::name(r.direct_dial)},
          {"same_network", doctor::name(r.same_network)},
          {"hole_punching", doctor::name(r.hole_punching)},
          {"relay", doctor::name(r.relay)}};
}

void print_json(const doctor::Report& report) {
  Json findings = Json::array();
  for (const doctor::Finding& f : report.findings) {
    findings.push_back({{"id", f.id},
                        {"state", name(f.state)},
                        {"title", f.title},
                        {"detail", f.detail},
                        {"fix", f.fix}});
  }
  const Json out = {{"findings", findings}, {"reachability", to_json(report.reachability)}};
  // What other programs call themselves need not be UTF-8.
  print(stdout, "{}\n", out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Names of devices and programs come from outside: no control characters to the terminal.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

std::string verdict(int problems, int warnings) {
  if (problems > 0) return fmt::format("Problems to solve: {}. Warnings: {}.", problems, warnings);
  if (warnings > 0) return "Nothing stands in the way. The warnings say what could be better.";
  return "Nothing stands in the way.";
}

void print_text(const doctor::Report& report) {
  const bool colours = isatty(STDOUT_FILENO) == 1;
  int warnings = 0, problems = 0;
  for (const doctor::Finding& f : report.findings) {
    const Label l = label(f.state);
    print(stdout, "{}{:<8}{} {}\n", colours ? l.colour : "", l.text, colours ? "\x1b[0m" : "",
          printable(f.title));
    if (!f.detail.empty()) print(stdout, "         {}\n", printable(f.detail));
    if (!f.fix.empty()) print(stdout, "         -> {}\n", printable(f.fix));
    warnings += f.state == State::kWarning;
    problems += f.state == State::kProblem;
  }
  print(stdout, "\n{}\n", verdict(problems, warnings));
}

}  // namespace

int run_doctor(const DoctorOptions& options) {
  const auto listen = transport::parse_endpoint(options.listen);
  if (!listen) {
    print(stderr,
          "swarmcast: '{}' is not an address to listen on; write it as 0.0.0.0:9000 or "
          "[::]:9000\n",
          options.listen);
    return kExitUsage;
  }
  const doctor::Report report =
      doctor::examine(doctor::Machine::real(), {.listen = *listen, .stun = options.stun});
  options.json ? print_json(report) : print_text(report);
  return report.has_problem() ? kExitLocal : kExitOk;
}

}  // namespace swarmcast::cli
