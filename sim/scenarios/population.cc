#include "sim/scenarios/population.h"

#include "sim/report/measure.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

// What a node's own randomness is for.
enum Purpose : uint64_t { kLines = 61, kFate, kVanishing };

constexpr double kLeastUplink = 0.1;  // of R, where there is none to speak of
constexpr Duration kLeastOutage = Duration::millis(200);
constexpr Duration kMostOutage = Duration::seconds(2);

// The stream's first picture comes, then the first viewer.
constexpr Duration kFirstPicture = Duration::millis(200);
constexpr Duration kFirstJoin = Duration::millis(500);

Prng own_prng(const Scenario& s, Purpose purpose, NodeId node, int64_t more = 0) {
  return Prng(mix(mix(s.seed, purpose), mix(node, static_cast<uint64_t>(more))));
}

DataRate times(DataRate rate, double factor) {
  return DataRate::bps(static_cast<int64_t>(static_cast<double>(rate.bps()) * factor));
}

HostLines lines(const Scenario& s, double uplink, Prng& prng) {
  return {.up = times(s.rate, uplink * s.uplinks.factor),
          .down = times(s.rate, s.uplinks.down),
          .place = draw_place(prng)};
}

Duration within_a_second(Prng& prng) {
  return Duration::micros(static_cast<int64_t>(prng.uniform() * 1e6));
}

}  // namespace

PathModel paths_of(const Scenario& s) {
  return {.loss = s.loss,
          .burst = s.burst,
          .jitter = s.jitter,
          .reordered = s.reordered,
          .reorder = s.jitter * 4,
          .duplicated = s.duplicated};
}

HostLines source_lines(const Scenario& s) {
  Prng prng = own_prng(s, kLines, 0);
  return lines(s, s.uplinks.source, prng);
}

HostLines viewer_lines(const Scenario& s, NodeId node) {
  Prng prng = own_prng(s, kLines, node);
  const double kind = prng.uniform();
  const double within = prng.uniform();
  double share = 1 + 3 * within;
  if (kind < s.uplinks.none)
    share = kLeastUplink;
  else if (kind < s.uplinks.none + s.uplinks.poor)
    share = 0.2 + 0.7 * within;
  return lines(s, share, prng);
}

Fate fate_of(const Scenario& s, NodeId node, int64_t second) {
  Prng prng = own_prng(s, kFate, node, second);
  Fate out;
  const double life = s.life.seconds_f();
  if (life > 0 && prng.chance(1 / life)) out.vanishes = within_a_second(prng);
  if (prng.chance(s.outages_a_minute / 60)) {
    out.outage = within_a_second(prng);
    const auto span = static_cast<uint64_t>((kMostOutage - kLeastOutage).us());
    out.outage_length = kLeastOutage + Duration::micros(static_cast<int64_t>(prng.below(span)));
  }
  return out;
}

bool vanishes_with_others(const Scenario& s, NodeId node) {
  return own_prng(s, kVanishing, node).chance(s.vanishing);
}

Timetable::Timetable(const Scenario& s, Instant start)
    : first_picture(start + kFirstPicture),
      first_join_(start + kFirstJoin),
      span_(join_span(s)),
      count_(static_cast<int64_t>(s.viewers)) {
  begin = first_join_ + span_ + kJoinGrace;
  end = begin + Duration::seconds(s.seconds);
  stop = end + Measure::kSettle;
}

}  // namespace swarmcast::sim
