// Real engines behind one modelled bottleneck under virtual time, beside a modelled CUBIC flow:
// what share they take, what queue they cause, what they lose, how they come back. Deterministic.
//
// The source's picture is elastic: its bitrate follows the engine's EncoderHint. 20 frames a
// second, key frames four times a mean frame, playout 300 ms where nothing else is said.
//
// The encoder makes no key frame on demand within half a second of the last one, as the real one.
//
//   engine_congestion [--seed N] [--only NAME] [--trace] [--check]
//
// --check: exit 1 if a bound is not kept. --trace: a line a 100 ms.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/cubic_flow.h"
#include "engine/node/world_for_test.h"
#include "tools/wan/path.h"

namespace {

using namespace swarmcast;
using namespace swarmcast::node;
using bench::CubicFlow;

constexpr Duration kPeriod = Duration::millis(50);
constexpr Duration kPlayout = Duration::millis(300);
constexpr size_t kPacketOverhead = 20 + 8 + 13 + 16;  // IPv4, UDP, DTLS record, tag
constexpr uint32_t kKeyEvery = 48;
constexpr Duration kKeyDistance = Duration::millis(500);  // at least, between two on demand
constexpr size_t kLargestFrame = 120'000;
constexpr Duration kSeedShift = Duration::millis(37);  // what happens, happens at another moment
constexpr Duration kNormal = Duration::millis(200);    // a longer gap between pictures is an outage
constexpr Duration kAlmost = Duration::millis(50);     // later than usual, and still in time

Duration ms(int64_t v) { return Duration::millis(v); }
DataRate kbps(int64_t v) { return DataRate::kbps(v); }

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Network {
  DataRate capacity = kbps(5'000);
  Duration rtt = Duration::millis(60);
  Duration queue = Duration::millis(200);
  double loss = 0;                             // of our packets, either way
  std::optional<Duration> playout = kPlayout;  // none: automatic
};

class Bench {
 public:
  Bench(uint64_t seed, const Network& network, size_t viewers, DataRate bitrate, bool trace)
      : network_(network), world_(seed), random_(seed + 1), bitrate_(bitrate), trace_(trace) {
    world_.default_link = {.one_way = network.rtt / 2};
    uplink_.rate = network.capacity;
    uplink_.queue = network.queue;
    world_.network = [this](size_t from, size_t, size_t bytes) { return carry(from, bytes); };
    source_ =
        world_.add_source({.stream = {.fps = 20, .playout = network.playout.value_or(Duration())},
                           .bitrate = bitrate});
    for (size_t i = 0; i < viewers; ++i) viewers_.push_back(world_.add_peer(source_));
    world_.schedule(world_.now() + ms(200), [this] { publish(); });
    sample();
  }

  void start_cubic() {
    flows_.push_back(std::make_unique<CubicFlow>(CubicFlow::Network{
        .now = [this] { return world_.now(); },
        .schedule = [this](Instant at,
                           std::function<void()> run) { world_.schedule(at, std::move(run)); },
        .carry = [this](size_t bytes) -> std::optional<Instant> {
          const auto left = uplink_.admit(world_.now(), bytes);
          return left ? std::optional(*left + network_.rtt / 2) : std::nullopt;
        },
        .back = network_.rtt / 2}));
    flows_.back()->start();
  }
  void stop_cubic() { flows_.back()->stop(); }
  void set_capacity(DataRate rate) { uplink_.rate = rate; }
  void cut_for(Duration d) { cut_until_ = world_.now() + d; }
  void run(Duration d) { world_.run_for(d); }

  // Starts the figures afresh.
  void begin() {
    began_ = world_.now();
    sent_ = dropped_ = bytes_ = 0;
    queue_ms_.clear();
    cubic_before_ = cubic_bytes();
  }
  double rate_kbps() const { return static_cast<double>(bytes_) * 8 / 1e3 / seconds(); }
  double cubic_kbps() const {
    return static_cast<double>(cubic_bytes() - cubic_before_) * 8 / 1e3 / seconds();
  }
  double loss_percent() const {
    return sent_ == 0 ? 0 : 100 * static_cast<double>(dropped_) / static_cast<double>(sent_);
  }
  double queue_ms(double share) const { return percentile(queue_ms_, share); }
  double hint_kbps() { return static_cast<double>(target().kbps()); }

  // From `end` until pictures come in their usual time again, without a gap in the next 3 s.
  double back_at_the_edge_ms(Instant end, Duration usual) {
    Instant last = end;
    Instant back = end;
    for (const auto& shown : world_.node(viewers_[0]).shown) {
      if (!shown.show || shown.present_at < end || shown.present_at > end + Duration::seconds(3))
        continue;
      const Duration delay = shown.present_at - (epoch_ + Duration::micros(shown.capture.us()));
      if (trace_)
        std::printf("   %u at %ld ms, after %ld\n", shown.id.number.value(),
                    (shown.present_at - end).ms(), delay.ms());
      if (delay > usual + kAlmost) continue;
      if (shown.present_at - last > kNormal || back == end) back = shown.present_at;
      last = shown.present_at;
    }
    return static_cast<double>((last == end ? Duration::seconds(99) : back - end).us()) / 1e3;
  }
  Duration playout() { return world_.engine(viewers_[0]).stats(world_.now()).playout; }
  Instant now() const { return world_.now(); }
  FrameCounts frames() { return world_.engine(viewers_[0]).stats(world_.now()).frames; }

 private:
  double seconds() const { return (world_.now() - began_).seconds_f(); }
  uint64_t cubic_bytes() const {
    uint64_t sum = 0;
    for (const auto& flow : flows_) sum += flow->delivered_bytes;
    return sum;
  }
  DataRate target() {
    const auto& hint = world_.node(source_).hint;
    return hint ? hint->target : bitrate_;
  }

  std::optional<Duration> carry(size_t from, size_t bytes) {
    const Instant now = world_.now();
    if (now < cut_until_) return std::nullopt;
    if (from != source_) {
      if (random_.chance(network_.loss)) return std::nullopt;
      return network_.rtt / 2;
    }
    ++sent_;
    const auto left = uplink_.admit(now, bytes + kPacketOverhead);
    if (!left) {
      ++dropped_;
      return std::nullopt;
    }
    bytes_ += bytes + kPacketOverhead;
    if (random_.chance(network_.loss)) return std::nullopt;
    return *left - now + network_.rtt / 2;
  }

  void publish() {
    world_.schedule(world_.now() + kPeriod, [this] { publish(); });
    const auto& node = world_.node(source_);
    if (node.hint && node.hint->sound_only) {
      resume_with_key_ = true;
      return;
    }
    const uint8_t in_chunk = static_cast<uint8_t>(since_key_ % 4);
    const bool asked = node.key_requests > keys_given_ && world_.now() - last_key_ >= kKeyDistance;
    const bool key = since_key_ % kKeyEvery == 0 || asked || resume_with_key_;
    if (key) {
      since_key_ = 0;
      last_key_ = world_.now();
      keys_given_ = node.key_requests;
      resume_with_key_ = false;
    }
    const uint8_t place = key ? 0 : in_chunk;
    ++since_key_;
    static constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
    static constexpr uint8_t kDepends[] = {4, 1, 2, 1};
    const auto mean = static_cast<size_t>(target().bytes_in(kPeriod));
    const size_t size =
        std::clamp<size_t>(mean * kKeyEvery / (kKeyEvery + 3) * (key ? 4 : 1), 100, kLargestFrame);
    const std::vector<uint8_t> payload(size, static_cast<uint8_t>(since_key_));
    world_.give(source_, input::PublishFrame{{.track = kVideoTrack,
                                              .index_in_chunk = place,
                                              .temporal_id = kTemporal[place],
                                              .key = key,
                                              .depends_on = key ? uint8_t{0} : kDepends[place],
                                              .payload = payload},
                                             world_.now()});
  }

  void sample() {
    world_.schedule(world_.now() + ms(5), [this] { sample(); });
    const double waiting = static_cast<double>(uplink_.waiting(world_.now()).us()) / 1e3;
    queue_ms_.push_back(waiting);
    if (!trace_ || ++samples_ % 20 != 0) return;
    const EngineStats stats = world_.engine(source_).stats(world_.now());
    std::printf(
        "    %7.1f s  queue %6.1f ms  rate %5ld%s  shed %d  hint %5.0f  ours %6.0f kB  lost %5lu  "
        "cubic %6.0f kB  %.0f\n",
        (world_.now() - epoch_).seconds_f(), waiting, stats.send_rate.kbps(),
        stats.competes ? "!" : " ", world_.engine(viewers_[0]).stats(world_.now()).shedding,
        hint_kbps(), static_cast<double>(bytes_) / 1e3, dropped_,
        static_cast<double>(cubic_bytes() - cubic_before_) / 1e3,
        flows_.empty() ? 0 : flows_.back()->window());
  }

  Network network_;
  World world_;
  Prng random_;
  DataRate bitrate_;
  bool trace_;
  wan::Bottleneck uplink_;
  Instant epoch_ = Instant::from_us(1'000'000);  // World's beginning: stream time 0
  Instant cut_until_;
  size_t source_ = 0;
  std::vector<size_t> viewers_;
  std::vector<std::unique_ptr<CubicFlow>> flows_;
  uint32_t since_key_ = 0;
  uint64_t keys_given_ = 0;
  Instant last_key_ = Instant::from_us(0);
  bool resume_with_key_ = false;
  Instant began_;
  uint64_t sent_ = 0, dropped_ = 0, bytes_ = 0, cubic_before_ = 0;
  uint64_t samples_ = 0;
  std::vector<double> queue_ms_;
};

struct Options {
  uint64_t seed = 1;
  std::string only;
  bool trace = false;
};

// One line: a name, figures, and whether all bounds were kept.
class Line {
 public:
  explicit Line(const std::string& name) { std::printf("%-34s", name.c_str()); }
  void figure(const char* what, double value, const char* unit) {
    std::printf("  %s %.*f%s", what, value < 10 ? 2 : 0, value, unit);
  }
  void bound(bool kept) { kept_ &= kept; }
  bool end() {
    std::puts(kept_ ? "  kept" : "  NOT KEPT");
    std::fflush(stdout);
    return kept_;
  }

 private:
  bool kept_ = true;
};

void usual_figures(Line& line, Bench& bench) {
  line.figure("rate", bench.rate_kbps(), " kbit/s");
  line.figure("queue p50", bench.queue_ms(0.5), " ms");
  line.figure("p95", bench.queue_ms(0.95), " ms");
  line.figure("own loss", bench.loss_percent(), " %");
}

bool alone(const std::string& name, const Options& o, const Network& network, DataRate bitrate,
           double least_share, size_t viewers = 1) {
  Bench bench(o.seed, network, viewers, bitrate, o.trace);
  bench.run(Duration::seconds(5));
  bench.begin();
  bench.run(Duration::seconds(55));
  Line line(name);
  usual_figures(line, bench);
  const double share = bench.rate_kbps() / static_cast<double>(network.capacity.kbps());
  line.figure("of capacity", share, "");
  line.bound(share >= least_share && bench.queue_ms(0.5) < 50 && bench.loss_percent() < 2);
  return line.end();
}

bool not_slowed(const Options& o, double loss) {
  Bench bench(o.seed, {.capacity = kbps(10'000), .loss = loss}, 1, kbps(2'000), o.trace);
  bench.run(Duration::seconds(5));
  bench.begin();
  bench.run(Duration::seconds(55));
  Line line("random loss " + std::to_string(static_cast<int>(loss * 100)) + " %, 2 of 10 Mbit/s");
  usual_figures(line, bench);
  line.figure("hint", bench.hint_kbps(), " kbit/s");
  line.bound(bench.hint_kbps() >= 1'990 && bench.rate_kbps() > 2'000);
  return line.end();
}

// The first seconds of a stream that the uplink does not carry.
bool start(const Options& o, DataRate capacity, Duration queue) {
  Bench bench(o.seed, {.capacity = capacity, .queue = queue}, 1, kbps(2'000), o.trace);
  bench.run(ms(200));
  bench.begin();
  bench.run(Duration::seconds(1));
  Line line("start at " + std::to_string(capacity.kbps()) + " kbit/s, queue " +
            std::to_string(queue.ms()) + " ms");
  usual_figures(line, bench);
  bench.begin();
  bench.run(Duration::seconds(1));
  line.figure("| the second after: queue p50", bench.queue_ms(0.5), " ms");
  line.figure("own loss", bench.loss_percent(), " %");
  line.bound(bench.loss_percent() < 2);
  return line.end();
}

bool step(const Options& o, Duration rtt, Duration queue) {
  Bench bench(o.seed, {.rtt = rtt, .queue = queue}, 1, kbps(8'000), o.trace);
  bench.run(Duration::seconds(20) + kSeedShift * static_cast<int64_t>(o.seed - 1));
  bench.set_capacity(kbps(1'500));
  bench.run(Duration::seconds(1));
  bench.begin();
  bench.run(Duration::seconds(19));
  Line line("step 5 -> 1.5, RTT " + std::to_string(rtt.ms()) + ", queue " +
            std::to_string(queue.ms()) + " ms");
  usual_figures(line, bench);
  line.bound(bench.queue_ms(0.95) < (rtt > ms(100) ? 75 : 50) && bench.queue_ms(0.5) < 50 &&
             bench.loss_percent() < 2 && bench.rate_kbps() > 900);
  bench.set_capacity(kbps(5'000));
  bench.run(Duration::seconds(10));
  bench.begin();
  bench.run(Duration::seconds(10));
  line.figure("10 s after 5 again: rate", bench.rate_kbps(), " kbit/s");
  line.bound(bench.rate_kbps() > 3'500);
  return line.end();
}

bool beside_cubic(const Options& o, Duration rtt, Duration queue, const std::string& name,
                  size_t viewers = 1) {
  Bench bench(o.seed, {.rtt = rtt, .queue = queue}, viewers, kbps(10'000), o.trace);
  bench.run(Duration::seconds(5) + kSeedShift * static_cast<int64_t>(o.seed - 1));
  bench.start_cubic();
  bench.run(Duration::seconds(15));
  bench.begin();
  bench.run(Duration::seconds(100));
  Line line(name);
  const double fair = (bench.rate_kbps() + bench.cubic_kbps()) / 2;
  const double share = bench.rate_kbps() / fair;
  line.figure("share", share, "");
  line.figure("cubic", bench.cubic_kbps(), " kbit/s");
  usual_figures(line, bench);
  line.bound(share >= 0.5 && share <= 1.5);
  bench.stop_cubic();
  bench.run(Duration::seconds(20));
  bench.begin();
  bench.run(Duration::seconds(10));
  line.figure("| alone again: rate", bench.rate_kbps(), " kbit/s");
  line.figure("queue p50", bench.queue_ms(0.5), " ms");
  line.bound(bench.queue_ms(0.5) < 50);
  return line.end();
}

// At moments spread over the time between two key frames.
bool blackout(const Options& o, Duration length, std::optional<Duration> playout) {
  constexpr int kMoments = 64;
  std::vector<double> back;
  double rate_after = 1e9;
  for (int i = 0; i < kMoments; ++i) {
    Bench bench(o.seed + static_cast<uint64_t>(i), {.playout = playout}, 1, kbps(2'000), o.trace);
    bench.run(Duration::seconds(8) + kPeriod * (kKeyEvery * i) / kMoments);
    const Duration usual = bench.playout();
    bench.cut_for(length);
    bench.run(length);
    const Instant end = bench.now();
    bench.run(Duration::seconds(1));
    bench.begin();
    bench.run(Duration::seconds(3));
    rate_after = std::min(rate_after, bench.rate_kbps());
    back.push_back(bench.back_at_the_edge_ms(end, usual));
    if (o.trace) std::printf("    %d: %.0f ms, playout %ld ms\n", i, back.back(), usual.ms());
  }
  Line line("blackout " + std::to_string(length.ms()) + " ms, playout " +
            (playout ? std::to_string(playout->ms()) : "automatic"));
  line.figure("live edge after p50", percentile(back, 0.5), " ms");
  line.figure("worst", percentile(back, 1), " ms");
  line.figure("least rate after", rate_after, " kbit/s");
  line.bound(percentile(back, 1) <= 500 && rate_after > 2'000);
  return line.end();
}

struct Scenario {
  std::string name;
  std::function<bool(const Options&)> run;
};

std::vector<Scenario> scenarios() {
  std::vector<Scenario> out = {
      {"alone",
       [](const Options& o) { return alone("alone on 5 Mbit/s", o, {}, kbps(8'000), 0.7); }},
      {"bufferbloat",
       [](const Options& o) {
         return alone("bufferbloat, queue 1 s", o, {.queue = ms(1'000)}, kbps(8'000), 0.7);
       }},
      {"two",
       [](const Options& o) {
         return alone("two children of one uplink", o, {}, kbps(8'000), 0.7, 2);
       }},
      {"shallow",
       [](const Options& o) {
         return alone("alone, queue 15 ms", o, {.queue = ms(15)}, kbps(8'000), 0.6);
       }},
      {"loss", [](const Options& o) { return not_slowed(o, 0.05); }},
      {"loss", [](const Options& o) { return not_slowed(o, 0.1); }},
  };
  for (const int64_t capacity : {500, 1'000, 1'500, 3'000}) {
    for (const int64_t queue : {100, 500}) {
      out.push_back({"start-" + std::to_string(capacity) + "-" + std::to_string(queue),
                     [=](const Options& o) { return start(o, kbps(capacity), ms(queue)); }});
    }
  }
  for (const int64_t length : {300, 2'000}) {
    for (const std::optional<Duration> playout :
         {std::optional<Duration>(), std::optional(ms(250)), std::optional(ms(300))}) {
      out.push_back({"blackout-" + std::to_string(length) + "-" +
                         (playout ? std::to_string(playout->ms()) : "auto"),
                     [=](const Options& o) { return blackout(o, ms(length), playout); }});
    }
  }
  for (const int64_t rtt : {20, 60, 150})
    for (const int64_t queue : {200, 500, 1'000})
      out.push_back({"step-" + std::to_string(rtt) + "-" + std::to_string(queue),
                     [=](const Options& o) { return step(o, ms(rtt), ms(queue)); }});
  for (const int64_t rtt : {20, 60, 150}) {
    for (const int64_t queue : {rtt / 2, rtt, rtt * 2, int64_t{500}}) {
      const std::string name =
          "cubic, RTT " + std::to_string(rtt) + ", queue " + std::to_string(queue) + " ms";
      out.push_back({"cubic-" + std::to_string(rtt) + "-" + std::to_string(queue),
                     [=](const Options& o) { return beside_cubic(o, ms(rtt), ms(queue), name); }});
    }
  }
  out.push_back({"cubic2", [](const Options& o) {
                   return beside_cubic(o, ms(60), ms(120), "cubic beside two children", 2);
                 }});
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    check |= !std::strcmp(argv[i], "--check");
    options.trace |= !std::strcmp(argv[i], "--trace");
    if (i + 1 == argc) break;
    if (!std::strcmp(argv[i], "--only")) options.only = argv[i + 1];
    if (!std::strcmp(argv[i], "--seed")) options.seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  bool all_kept = true;
  for (const Scenario& s : scenarios())
    if (options.only.empty() || s.name.starts_with(options.only)) all_kept &= s.run(options);
  return check && !all_kept ? 1 : 0;
}
