// One lossy hop: frames on time, and bytes on the wire beside the bytes of the encoded frames.
//
// Bytes are the kernel's counts of the emulated interfaces, from the IP header up; what is lost
// later on the way is in them. Forward is the direction of the media.
#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

constexpr size_t kPlayoutMs = 300;

struct Case {
  const char* id;
  const char* name;
  const char* network;
  double on_time;
  double overhead;
};
constexpr Case kCases[] = {
    {"e1", "no loss", "delay=30ms", 99.9, 20},
    {"e2", "10 % random loss", "delay=30ms loss=10%", 99.9, 40},
    {"e3", "10 % loss in bursts of 4", "delay=30ms loss=10% burst=4", 99.5, 40}};

struct Moment {
  double at = 0;  // seconds of the broadcaster
  double media = 0, forward = 0, backward = 0;
  nlohmann::json viewer;
};

struct Hop {
  const Case* what;
  size_t from, to;  // hosts
  Node source;
  std::unique_ptr<Process> viewer;
  Moment begin, end;
};

// At the broadcaster's report, so that its count of media and the interface's fit together.
Moment take(const test::Wan& wan, Hop& hop) {
  const auto report = await_stats(*hop.source.process, "the broadcaster's report", seconds(5));
  Moment m;
  m.at = report["t"].get<double>();
  m.media = report["bytes"]["media_in"].get<double>();
  m.forward = static_cast<double>(wan.counters(hop.from).sent_bytes);
  m.backward = static_cast<double>(wan.counters(hop.to).sent_bytes);
  m.viewer = await_stats(*hop.viewer, "the viewer's report", seconds(5));
  return m;
}

Row describe(const Hop& hop, test::Wan& wan) {
  Row row{.id = hop.what->id,
          .title = std::string("one hop, RTT 60 ms, 2 Mbit/s, no sound, playout 300 ms: ") +
                   hop.what->name};
  const double media = hop.end.media - hop.begin.media;
  const double forward = hop.end.forward - hop.begin.forward;
  const double backward = hop.end.backward - hop.begin.backward;
  const Share share = on_time(hop.begin.viewer, hop.end.viewer);
  // The media alone must be the rate asked for: a wrong count of it would show here.
  const double length = hop.end.at - hop.begin.at;
  row.sample = count(share.frames) + " frames due, " + decimals(media / 1e6, 1) + " MB of media, " +
               decimals(media * 8 / 1e3 / length, 0) + " kbit/s";
  row.figures = {
      {"frames on time", share.percent, "%", at_least(hop.what->on_time)},
      {"overhead forward", 100 * (forward / media - 1), "%", at_most(hop.what->overhead)},
      {"backward, share of media", 100 * backward / media, "%", {}}};
  const auto path = test::Wan::path_stats(wan.stats(), hop.from, hop.to);
  row.notes.push_back(
      frame_sentence(hop.begin.viewer, hop.end.viewer) + "; lost on the way " +
      decimals(100 * path.value("lost", 0.0) / std::max(path.value("packets_in", 0.0), 1.0), 2) +
      " %");
  const auto& repair = hop.end.viewer["repair"];
  row.notes.push_back("asked again " + count(repair.value("nak_sent", int64_t{0})) +
                      " (needlessly " + count(repair.value("spurious", int64_t{0})) +
                      "), rebuilt from parity " + count(repair.value("fec_recovered", int64_t{0})));
  return row;
}

// Several hops at once, on hosts of their own.
std::vector<Row> run(std::span<const Case> cases, int64_t frames) {
  const Watch watch;
  const auto wan = make_wan(2 * cases.size(), "delay=30ms");
  std::vector<Hop> hops(cases.size());
  for (size_t i = 0; i < hops.size(); ++i) {
    Hop& hop = hops[i];
    hop.what = &cases[i];
    hop.from = 2 * i;
    hop.to = hop.from + 1;
    if (!wan->link(hop.from, hop.to, hop.what->network)) throw NotRun("the emulator refused");
    hop.source = start_broadcast(test::place(*wan, hop.from), {"--bitrate", "2000", "--no-sound"});
    hop.viewer = start_watch(test::place(*wan, hop.to), hop.source.invite,
                             {"--playout", std::to_string(kPlayoutMs)});
  }
  const auto shown = [](int64_t n) {
    return [n](const auto& stats) { return stats["frames"].value("expected", int64_t{0}) >= n; };
  };
  constexpr int64_t kSettle = 5 * test::kFps;
  for (Hop& hop : hops) {
    await_stats(*hop.viewer, "the first pictures", seconds(60), shown(kSettle));
    hop.begin = take(*wan, hop);
  }
  const seconds length(frames / test::kFps);
  for (Hop& hop : hops) {
    const int64_t last = hop.begin.viewer["frames"]["expected"].get<int64_t>() + frames;
    await_stats(*hop.viewer, "the last picture", length + seconds(60), shown(last));
    hop.end = take(*wan, hop);
  }
  std::vector<Row> rows;
  for (const Hop& hop : hops) {
    rows.push_back(describe(hop, *wan));
    rows.back().notes.push_back("emulator's own lateness: " + wan->stats()["lateness"].dump());
    watch.finish(rows.back());
  }
  return rows;
}

}  // namespace

std::vector<Row> overhead(const Setting& setting) {
  return run(kCases, setting.quick ? 1'200 : 10'000);
}

}  // namespace swarmcast::bench
