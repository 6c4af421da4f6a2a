#include "sim/attackers/liar.h"

#include "engine/wire/ping.h"

namespace swarmcast::sim {
namespace {

namespace body = wire::body;

constexpr uint32_t kMillions = 50'000'000;
constexpr Duration kLater = Duration::seconds(2);

}  // namespace

void Liar::lie(wire::Body& said) const {
  if (way_ == Way::kPlace) {
    if (auto* state = std::get_if<body::State>(&said); state && state->depth > 0) {
      state->attached = true;
      state->depth = 1;
    }
    if (auto* subscribe = std::get_if<body::Subscribe>(&said)) {
      subscribe->places = UINT8_MAX;
      subscribe->height = 0;
    }
    if (auto* report = std::get_if<body::Report>(&said)) {
      report->places = UINT8_MAX;
      report->height = 0;
      for (uint8_t i = 0; i < report->count; ++i) report->openings[i].depth = 0;
    }
  } else if (auto* report = std::get_if<body::Report>(&said)) {
    report->witnesses = report->peers = report->shed = kMillions;
    report->loss = UINT8_MAX;
    report->delay_ms = UINT16_MAX;
  }
}

bool Liar::alter(Instant, LinkId, std::vector<uint8_t>& message) {
  if (way_ != Way::kTime) {
    alter_bodies(message, [this](wire::Body& said) { lie(said); });
    return true;
  }
  if (auto pong = wire::parse_pong(message); pong && pong->clock) {
    pong->clock->now = pong->clock->now + kLater;
    pong->clock->error = Duration();
    wire::write_pong(message, *pong);
  }
  return true;
}

}  // namespace swarmcast::sim
