#include "sim/scenarios/simulation.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "host/platform/sodium_crypto.h"
#include "sim/world/cheap_crypto.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

constexpr int kFps = 20;
constexpr Duration kPeriod = Duration::micros(1'000'000 / kFps);
constexpr Duration kSecond = Duration::seconds(1);
// Pictures of a group: a key picture every two seconds, four times as big as a mean one.
constexpr uint32_t kKeyEvery = 2 * kFps;
constexpr int64_t kKeySize = 4;
constexpr size_t kLeastFrame = 100;
// Layers T0 T2 T1 T2, and how many pictures back each one refers.
constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
constexpr uint8_t kDepends[] = {4, 1, 2, 1};

// A packet of Opus: 32 kbit/s.
constexpr Duration kSoundPeriod = Duration::millis(20);
constexpr size_t kSoundBytes = 80;
// The stream's first picture comes, then the first viewer.
constexpr Duration kFirstPicture = Duration::millis(200);
constexpr Duration kFirstJoin = Duration::millis(500);
// From joining to the first picture that is due; also from the last one's joining to the window.
constexpr Duration kJoinGrace = Duration::seconds(5);

// A child costs the stream, a quarter more for headers, authentication and repairs, and room for
// key pictures.
constexpr double kChildCost = 1.4;
constexpr double kLeastUplink = 0.1;     // of R, where there is none to speak of
constexpr double kDownlink = 5;          // of R
constexpr uint64_t kVariants = 1 << 20;  // apart from what else is mixed with the seed
constexpr double kHeadroom = 2;          // of the slab, over the ring of the mean rate
constexpr size_t kLeastSlab = 1 << 20;
constexpr Duration kLeastOutage = Duration::millis(200);
constexpr Duration kMostOutage = Duration::seconds(2);
// Clocks count from the machine's start, and are as exact as cheap quartz.
constexpr Duration kMostOffset = Duration::seconds(3'600);
constexpr int64_t kMostDrift = 50;  // millionths
// What an attacker alters: messages big enough to be media, where their payload must be.
constexpr size_t kLeastAltered = 400;

PathModel paths_of(const Scenario& s) {
  return {.loss = s.loss,
          .burst = s.burst,
          .jitter = s.jitter,
          .reordered = s.reordered,
          .reorder = s.jitter * 4,
          .duplicated = s.duplicated};
}

const CryptoProvider& crypto_of(const Scenario& s) {
  return s.real_crypto ? platform::sodium_crypto() : cheap_crypto();
}

DataRate times(DataRate rate, double factor) {
  return DataRate::bps(static_cast<int64_t>(static_cast<double>(rate.bps()) * factor));
}

size_t slab_for(const Scenario& s) {
  const double ring = static_cast<double>(s.rate.bytes_in(s.ring)) * kHeadroom;
  return std::max(static_cast<size_t>(ring), kLeastSlab);
}

}  // namespace

Simulation::Simulation(const Scenario& s)
    : scenario_(s),
      world_(s.variant == 0 ? s.seed : mix(s.seed, kVariants + s.variant), paths_of(s),
             crypto_of(s)),
      prng_(mix(s.seed, 2)),
      clocks_(mix(s.seed, 3)),
      start_(world_.now()),
      begin_(start_ + kFirstJoin + join_span(s) + kJoinGrace),
      end_(begin_ + Duration::seconds(s.seconds)),
      safety_(violations_, s.ring),
      liveness_(violations_, s.liveness),
      memory_(violations_),
      measure_(world_, begin_, end_, kPeriod) {
  world_.observe(safety_);
  world_.observe(liveness_);
  world_.observe(measure_);
  if (s.polluters > 0) {
    world_.tamper = [this](NodeId from, output::Lane lane, std::vector<uint8_t>& message) {
      const bool media = lane == output::Lane::kMedia && message.size() >= kLeastAltered;
      if (polluter_[from] && media)
        std::ranges::copy(kForgeryMark, message.begin() + static_cast<long>(message.size() / 2));
      return true;
    };
  }
}

bool Simulation::measuring() const { return begin_ <= world_.now() && world_.now() < end_; }

Summary Simulation::run(const std::function<void(const Progress&)>& on_second) {
  populate();
  const Instant stop = end_ + Measure::kSettle;
  bool begun = false, ended = false;
  for (int64_t second = 1;; ++second) {
    const Instant until = std::min(start_ + kSecond * second, stop);
    if (!begun && until >= begin_) {
      world_.run_until(begin_);
      SWARMCAST_CHECK(scenario_.plant != Plant::kCrash);
      measure_.on_begin();
      begun = true;
    }
    if (!ended && until >= end_) {
      world_.run_until(end_);
      measure_.on_end();
      ended = true;
    }
    world_.run_until(until);
    safety_.look_at(world_);
    memory_.look_at(world_);
    liveness_.look_at(world_.now());
    if (measuring()) {
      measure_.sample_depths();
      befall();
    }
    if (on_second) on_second(progress());
    if (until == stop) break;
  }
  Summary out = measure_.summary();
  out.violations = violations_.all();
  return out;
}

void Simulation::populate() {
  add_source();
  world_.schedule(start_ + kFirstPicture, [this] { publish_next(); });
  if (scenario_.sound) world_.schedule(start_ + kFirstPicture, [this] { publish_sound(); });
  const auto count = static_cast<int64_t>(scenario_.viewers);
  for (int64_t i = 0; i < count; ++i) {
    const Duration after = join_span(scenario_) * i / count;
    world_.schedule(start_ + kFirstJoin + after, [this] { join(); });
  }
  if (scenario_.vanishing > 0)
    world_.schedule(begin_ + (end_ - begin_) / 2, [this] { vanish_together(); });
}

size_t Simulation::places_for(DataRate uplink) const {
  const double share =
      static_cast<double>(uplink.bps()) / static_cast<double>(scenario_.rate.bps());
  return std::min(static_cast<size_t>(share * kStripes / kChildCost), kMaxLinks / 2);
}

void Simulation::add_source() {
  NodeOptions o;
  o.lines.up = times(scenario_.rate, scenario_.uplinks.source * scenario_.uplinks.factor);
  o.lines.down = times(scenario_.rate, kDownlink);
  o.lines.place = draw_place(prng_);
  o.clock = draw_clock();
  o.engine.max_places = places_for(o.lines.up);
  o.engine.stream = {.fps = kFps, .playout = scenario_.playout};
  o.engine.stream.audio_channels = scenario_.sound ? 1 : 0;
  if (scenario_.adaptive) o.engine.bitrate = scenario_.rate;
  o.engine.ring_span = scenario_.ring;
  o.slab_bytes = slab_for(scenario_);
  entered_.push_back({.max_places = o.engine.max_places});
  if (alter_source) alter_source(o.engine);
  world_.add_source(std::move(o));
  polluter_.push_back(false);
}

HostClock Simulation::draw_clock() {
  const auto offset = static_cast<int64_t>(clocks_.below(kMostOffset.us()));
  const auto drift = static_cast<int64_t>(clocks_.below(2 * kMostDrift + 1));
  return {Duration::micros(offset), drift - kMostDrift};
}

NodeOptions Simulation::viewer_options() {
  const Uplinks& u = scenario_.uplinks;
  const double kind = prng_.uniform();
  const double within = prng_.uniform();
  double share = 1 + 3 * within;
  if (kind < u.none)
    share = kLeastUplink;
  else if (kind < u.none + u.poor)
    share = 0.2 + 0.7 * within;
  NodeOptions o;
  o.lines.up = times(scenario_.rate, share * u.factor);
  o.lines.down = times(scenario_.rate, kDownlink);
  o.lines.place = draw_place(prng_);
  o.clock = draw_clock();
  o.engine.max_places = places_for(o.lines.up);
  o.engine.ring_span = scenario_.ring;
  o.slab_bytes = slab_for(scenario_);
  if (scenario_.nat > 0 && prng_.chance(scenario_.nat)) o.nat = draw_nat(prng_);
  o.engine.browser = scenario_.browsers > 0 && prng_.chance(scenario_.browsers);
  o.engine.listening = !o.engine.browser;
  o.engine.safeguards.verify = scenario_.plant != Plant::kUnverified;
  o.engine.safeguards.relay = scenario_.plant != Plant::kUnrelayed;
  if (alter_viewer) alter_viewer(o.engine);
  return o;
}

// Invites come from whoever is watching already and can be dialled: any of those that have a place,
// or the source.
NodeId Simulation::draw_entry() {
  std::vector<NodeId> inviting = {0};
  for (NodeId node = 1; node < world_.size(); ++node)
    if (!polluter_[node] && world_.alive(node) && world_.parent(node) &&
        world_.can_be_dialled(node))
      inviting.push_back(node);
  return inviting[prng_.below(inviting.size())];
}

void Simulation::join() {
  const bool pollutes = prng_.chance(scenario_.polluters);
  polluter_.push_back(pollutes);
  NodeOptions options = viewer_options();
  const NodeId entry = draw_entry();
  entered_.push_back({entry, options.engine.max_places});
  const NodeId node = world_.add_viewer(entry, std::move(options));
  if (pollutes) return safety_.expect_attacks_of(node);
  liveness_.expect(world_.now(), node);
  measure_.expect(node, world_.now() + kJoinGrace);
}

void Simulation::vanish(NodeId node) {
  liveness_.excuse(node);
  measure_.excuse(node);
  world_.vanish(node);
}

void Simulation::vanish_together() {
  for (NodeId node = 1; node < world_.size(); ++node)
    if (world_.alive(node) && prng_.chance(scenario_.vanishing)) vanish(node);
}

// What may happen to each viewer in one second.
void Simulation::befall() {
  const double life = scenario_.life.seconds_f();
  const double outages = scenario_.outages_a_minute / 60;
  const auto count = static_cast<NodeId>(world_.size());
  for (NodeId node = 1; node < count; ++node) {
    if (!world_.alive(node)) continue;
    const auto at = [this] {
      return world_.now() + Duration::micros(static_cast<int64_t>(prng_.uniform() * 1e6));
    };
    if (life > 0 && prng_.chance(1 / life)) {
      world_.schedule(at(), [this, node] {
        vanish(node);
        join();
      });
    }
    if (outages > 0 && prng_.chance(outages)) {
      const auto span = static_cast<uint64_t>((kMostOutage - kLeastOutage).us());
      const Duration length =
          kLeastOutage + Duration::micros(static_cast<int64_t>(prng_.below(span)));
      world_.schedule(at(),
                      [this, node, length] { world_.network().cut(node, world_.now() + length); });
    }
  }
}

DataRate Simulation::target() const {
  if (!scenario_.adaptive || !world_.hint()) return scenario_.rate;
  return world_.hint()->sound_only ? DataRate() : world_.hint()->target;
}

// As an encoder under rate control: what a key picture takes, those after it give back.
size_t Simulation::next_size(bool key) {
  const int64_t mean = target().bytes_in(kPeriod);
  const int64_t size = key ? mean * kKeySize : std::max(mean - over_budget_ / kFps, mean / 4);
  over_budget_ = std::max<int64_t>(over_budget_ + size - mean, 0);
  return std::max(static_cast<size_t>(size), kLeastFrame);
}

// Bytes that are a function of the number of what was published before alone.
void Simulation::fill_payload(size_t size) {
  payload_.resize(size);
  Prng content(published_++);
  for (size_t i = 0; i + sizeof(uint64_t) <= payload_.size(); i += sizeof(uint64_t)) {
    const uint64_t word = content.next();
    std::memcpy(payload_.data() + i, &word, sizeof word);
  }
}

void Simulation::publish_sound() {
  if (world_.now() >= end_ + Measure::kSettle) return;
  fill_payload(kSoundBytes);
  world_.publish({.track = kAudioTrack, .key = true, .payload = payload_});
  world_.schedule(world_.now() + kSoundPeriod, [this] { publish_sound(); });
}

void Simulation::publish_next() {
  if (world_.now() >= end_ + Measure::kSettle) return;
  world_.schedule(world_.now() + kPeriod, [this] { publish_next(); });
  if (target() == DataRate()) {
    since_key_ = 0;
    return;
  }
  const bool asked = world_.key_requests() > keys_given_;
  const bool key = asked || since_key_ % kKeyEvery == 0;
  if (key) since_key_ = 0;
  keys_given_ = world_.key_requests();
  const size_t place = since_key_++ % std::size(kTemporal);
  fill_payload(next_size(key));
  world_.publish({.track = kVideoTrack,
                  .index_in_chunk = static_cast<uint8_t>(place),
                  .temporal_id = kTemporal[place],
                  .key = key,
                  .depends_on = key ? uint8_t{0} : kDepends[place],
                  .payload = payload_});
}

Progress Simulation::progress() const {
  Progress out{.seconds = seconds_now(), .violations = violations_.all()};
  out.target = target();
  out.of_seconds = seconds_at(end_ + Measure::kSettle);
  for (NodeId node = 1; node < world_.size(); ++node) {
    if (!world_.alive(node)) continue;
    const int hop = world_.stats(node).hop;
    ++out.alive;
    out.placed += hop > 0;
    out.deepest = std::max(out.deepest, hop);
  }
  return out;
}

}  // namespace swarmcast::sim
