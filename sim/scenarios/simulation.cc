#include "sim/scenarios/simulation.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "host/platform/sodium_crypto.h"
#include "sim/attackers/make.h"
#include "sim/world/addresses.h"
#include "sim/world/cheap_crypto.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

// Of R: as much as any viewer has, so that they get children.
constexpr double kHostileUplink = 4;

constexpr Duration kSecond = Duration::seconds(1);

// A packet of Opus: 32 kbit/s.
constexpr Duration kSoundPeriod = Duration::millis(20);
constexpr size_t kSoundBytes = 80;

// A child costs the stream, a quarter more for headers, authentication and repairs, and room for
// key pictures.
constexpr double kChildCost = 1.4;
constexpr uint64_t kVariants = 1 << 20;  // apart from what else is mixed with the seed
constexpr double kHeadroom = 2;          // of the slab, over the ring of the mean rate
constexpr size_t kLeastSlab = 1 << 20;
// Clocks count from the machine's start, and are as exact as cheap quartz.
constexpr Duration kMostOffset = Duration::seconds(3'600);
constexpr int64_t kMostDrift = 50;  // millionths

const CryptoProvider& crypto_of(const Scenario& s) {
  return s.real_crypto ? platform::sodium_crypto() : cheap_crypto();
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
      timetable_(s, start_),
      safety_(violations_, s.ring),
      liveness_(violations_, s.liveness),
      memory_(violations_),
      measure_(world_, timetable_.begin, timetable_.end, kPicturePeriod) {
  world_.observe(safety_);
  world_.observe(liveness_);
  world_.observe(measure_);
  world_.wrap = [this](NodeId node, std::unique_ptr<Engine> real) {
    return disguise(node, std::move(real));
  };
}

std::unique_ptr<Engine> Simulation::disguise(NodeId node, std::unique_ptr<Engine> real) {
  if (!hostile_[node]) return real;
  const size_t number = learned_.size();
  learned_.push_back(std::make_shared<std::set<Endpoint>>());
  conspiracy_->members.push_back({.peer = real->peer_id(),
                                  .endpoint = endpoint_of(node),
                                  .fingerprint = numbered(node, NumberedKind::kListener)});
  const bool sleeps = number % 2 == 1;  // until it is measured, and has children
  const auto awake = [this, sleeps] { return !sleeps || world_.now() >= timetable_.begin; };
  return make_hostile(scenario_.attack, number,
                      {std::move(real), conspiracy_, learned_.back(), awake});
}

bool Simulation::measuring() const {
  return timetable_.begin <= world_.now() && world_.now() < timetable_.end;
}

Summary Simulation::run(const std::function<void(const Progress&)>& on_second) {
  populate();
  const Timetable& t = timetable_;
  bool begun = false, ended = false;
  for (int64_t second = 1;; ++second) {
    const Instant until = std::min(start_ + kSecond * second, t.stop);
    if (!begun && until >= t.begin) {
      world_.run_until(t.begin);
      SWARMCAST_CHECK(scenario_.plant != Plant::kCrash);
      measure_.on_begin();
      begun = true;
    }
    if (!ended && until >= t.end) {
      world_.run_until(t.end);
      measure_.on_end();
      attack_outcome_ = look_at_attack();
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
    if (until == t.stop) break;
  }
  Summary out = measure_.summary();
  out.violations = violations_.all();
  return out;
}

void Simulation::populate() {
  add_source();
  const Timetable& t = timetable_;
  world_.schedule(t.first_picture, [this] { publish_next(); });
  if (scenario_.sound) world_.schedule(t.first_picture, [this] { publish_sound(); });
  for (size_t i = 0; i < scenario_.viewers; ++i) world_.schedule(t.join(i), [this] { join(); });
  if (scenario_.vanishing > 0)
    world_.schedule(t.begin + (t.end - t.begin) / 2, [this] { vanish_together(); });
}

size_t Simulation::places_for(DataRate uplink) const {
  const double share =
      static_cast<double>(uplink.bps()) / static_cast<double>(scenario_.rate.bps());
  return std::min(static_cast<size_t>(share * kStripes / kChildCost), kMaxLinks / 2);
}

void Simulation::add_source() {
  NodeOptions o;
  o.lines = source_lines(scenario_);
  o.clock = draw_clock();
  o.engine.max_places = places_for(o.lines.up);
  o.engine.stream = {.fps = kFps, .playout = scenario_.playout};
  o.engine.stream.audio_channels = scenario_.sound ? 1 : 0;
  if (scenario_.adaptive) o.engine.bitrate = scenario_.rate;
  o.engine.ring_span = scenario_.ring;
  o.slab_bytes = slab_for(scenario_);
  entered_.push_back({.max_places = o.engine.max_places});
  if (alter_source) alter_source(o.engine);
  hostile_.push_back(false);
  world_.add_source(std::move(o));
}

HostClock Simulation::draw_clock() {
  const auto offset = static_cast<int64_t>(clocks_.below(kMostOffset.us()));
  const auto drift = static_cast<int64_t>(clocks_.below(2 * kMostDrift + 1));
  return {Duration::micros(offset), drift - kMostDrift};
}

NodeOptions Simulation::viewer_options() {
  NodeOptions o;
  o.lines = viewer_lines(scenario_, static_cast<NodeId>(world_.size()));
  if (hostile_.back()) {
    const double uplink = static_cast<double>(scenario_.rate.bps()) * scenario_.uplinks.factor;
    o.lines.up = DataRate::bps(static_cast<int64_t>(kHostileUplink * uplink));
  }
  o.clock = draw_clock();
  const bool leaf = hostile_.back() && scenario_.attack == AttackKind::kLeaf;
  o.engine.max_places = leaf ? 0 : places_for(o.lines.up);
  o.engine.ring_span = scenario_.ring;
  o.slab_bytes = slab_for(scenario_);
  if (scenario_.nat > 0 && prng_.chance(scenario_.nat)) o.nat = draw_nat(prng_);
  o.engine.browser = scenario_.browsers > 0 && prng_.chance(scenario_.browsers);
  o.engine.listening = !o.engine.browser;
  o.engine.safeguards.verify = scenario_.plant != Plant::kUnverified;
  o.engine.safeguards.relay = scenario_.plant != Plant::kUnrelayed;
  o.engine.safeguards.leave = scenario_.plant != Plant::kLoyal;
  if (alter_viewer) alter_viewer(o.engine);
  return o;
}

// Invites come from whoever is watching already and can be dialled: any of those that have a place,
// or the source.
NodeId Simulation::draw_entry() {
  std::vector<NodeId> inviting = {0};
  for (NodeId node = 1; node < world_.size(); ++node)
    if (!hostile_[node] && world_.alive(node) && world_.parent(node) && world_.can_be_dialled(node))
      inviting.push_back(node);
  return inviting[prng_.below(inviting.size())];
}

void Simulation::join() {
  const bool hostile = prng_.chance(scenario_.hostile);
  hostile_.push_back(hostile);
  NodeOptions options = viewer_options();
  const NodeId entry = draw_entry();
  entered_.push_back({entry, options.engine.max_places});
  const NodeId node = world_.add_viewer(entry, std::move(options));
  if (hostile) return safety_.expect_attacks_of(node);
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
    if (world_.alive(node) && vanishes_with_others(scenario_, node)) vanish(node);
}

// What happens to each viewer in the second that begins.
void Simulation::befall() {
  const Instant now = world_.now();
  const int64_t second = (now - start_).us() / kSecond.us();
  const auto count = static_cast<NodeId>(world_.size());
  for (NodeId node = 1; node < count; ++node) {
    if (!world_.alive(node)) continue;
    const Fate fate = fate_of(scenario_, node, second);
    if (fate.vanishes) {
      world_.schedule(now + *fate.vanishes, [this, node] {
        vanish(node);
        join();
      });
    }
    if (fate.outage) {
      world_.schedule(now + *fate.outage, [this, node, length = fate.outage_length] {
        world_.network().cut(node, world_.now() + length);
      });
    }
  }
}

DataRate Simulation::target() const {
  if (!scenario_.adaptive || !world_.hint()) return scenario_.rate;
  return world_.hint()->sound_only ? DataRate() : world_.hint()->target;
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
  if (world_.now() >= timetable_.stop) return;
  fill_payload(kSoundBytes);
  world_.publish({.track = kAudioTrack, .key = true, .payload = payload_});
  world_.schedule(world_.now() + kSoundPeriod, [this] { publish_sound(); });
}

void Simulation::publish_next() {
  if (world_.now() >= timetable_.stop) return;
  world_.schedule(world_.now() + kPicturePeriod, [this] { publish_next(); });
  if (target() == DataRate()) return pictures_.pause();
  const Picture picture = pictures_.next(target(), world_.key_requests() > keys_given_);
  keys_given_ = world_.key_requests();
  fill_payload(picture.bytes);
  world_.publish({.track = kVideoTrack,
                  .index_in_chunk = picture.index_in_chunk,
                  .temporal_id = picture.temporal_id,
                  .key = picture.key,
                  .depends_on = picture.depends_on,
                  .payload = payload_});
}

Simulation::AttackOutcome Simulation::look_at_attack() const {
  AttackOutcome out;
  for (NodeId node = 1; node < world_.size(); ++node) {
    if (!hostile_[node] || !world_.alive(node)) continue;
    ++out.peers;
    out.children += static_cast<size_t>(world_.stats(node).children);
  }
  for (const auto& addresses : learned_) out.learned = std::max(out.learned, addresses->size());
  return out;
}

Progress Simulation::progress() const {
  Progress out{.seconds = seconds_now(), .violations = violations_.all()};
  out.target = target();
  out.of_seconds = seconds_at(timetable_.stop);
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
