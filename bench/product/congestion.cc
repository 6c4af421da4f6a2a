// What a broadcaster's uplink does to its viewers: beside a TCP download, when it becomes narrow,
// with a deep buffer, and after moments of nothing at all.
//
// Hosts: 0 the broadcaster and the TCP sender, who share the uplink; 1 the viewer; 2 the TCP
// receiver. Rates and losses are the emulator's counts of the paths, from the IP header up.
#include <algorithm>

#include "bench/product/scenario.h"
#include "bench/product/tcp_flow.h"

namespace swarmcast::bench {
namespace {

constexpr size_t kSource = 0, kViewer = 1, kOther = 2;
constexpr char kPaths[] = "delay=30ms";
// More than the uplink carries, so that the stream would take all of it.
const Words kGreedy = {"--bitrate", "6000", "--no-sound", "--size", "1280x720"};

// Until an automatic playout delay has come down to what the network needs.
constexpr seconds kSettling(6);

struct Traffic {
  double bytes = 0, packets = 0, dropped = 0;
};

struct Uplink {
  explicit Uplink(const std::string& settings) : wan(make_wan(3, kPaths)) { set(settings); }
  void set(const std::string& settings) {
    if (!wan->command("uplink h0 " + settings)) throw NotRun("the emulator refused " + settings);
  }
  Traffic traffic(size_t to) const {
    const auto path = test::Wan::path_stats(wan->stats(), kSource, to);
    if (path.is_null()) return {};
    return {path["bytes_out"].get<double>(), path["packets_out"].get<double>(),
            path["queue_drops"].get<double>()};
  }
  double waiting_ms() const {
    const auto stats = wan->stats();
    for (const auto& host : stats["hosts"])
      if (host["name"] == "h0") return host["uplink_wait_us"].get<double>() / 1e3;
    return 0;
  }
  std::unique_ptr<test::Wan> wan;
};

// Rate, loss and queue over a while.
struct Measured {
  double ours_kbps = 0, other_kbps = 0, loss = 0;
  std::vector<double> queue_ms;
};

Measured measure(const Uplink& uplink, seconds length) {
  const Traffic ours = uplink.traffic(kViewer), other = uplink.traffic(kOther);
  const int64_t began = test::monotonic_us();
  Measured out;
  while (test::monotonic_us() - began < length.count() * 1'000'000) {
    out.queue_ms.push_back(uplink.waiting_ms());
    sleep_for(milliseconds(23));
  }
  const double took = static_cast<double>(test::monotonic_us() - began) / 1e6;
  const Traffic ours_now = uplink.traffic(kViewer), other_now = uplink.traffic(kOther);
  out.ours_kbps = (ours_now.bytes - ours.bytes) * 8 / 1e3 / took;
  out.other_kbps = (other_now.bytes - other.bytes) * 8 / 1e3 / took;
  const double dropped = ours_now.dropped - ours.dropped;
  out.loss = 100 * dropped / std::max(ours_now.packets - ours.packets + dropped, 1.0);
  return out;
}

void add_figures(Row& row, const Measured& m, std::optional<Bound> queue, std::optional<Bound> loss,
                 std::optional<Bound> queue_p95 = {}) {
  row.figures.push_back({"rate", m.ours_kbps, "kbit/s", {}});
  row.figures.push_back({"standing queue, p50", percentile(m.queue_ms, 0.5), "ms", queue});
  row.figures.push_back({"queue, p95", percentile(m.queue_ms, 0.95), "ms", queue_p95});
  row.figures.push_back({"own loss", m.loss, "%", loss});
  row.sample += count(static_cast<int64_t>(m.queue_ms.size())) + " looks at the queue";
}

struct Stream {
  explicit Stream(const Uplink& uplink, const Words& options = kGreedy,
                  const Words& viewer = {"--playout", "250"})
      : source(start_broadcast(test::place(*uplink.wan, kSource), options)),
        screen(watch_pictures(test::place(*uplink.wan, kViewer), source.invite, viewer)) {
    if (!screen->reader->wait_pictures(3 * test::kFps, seconds(30)))
      throw NotRun("the viewer shows no pictures; " + test::say(*screen->process));
  }
  Node source;
  std::unique_ptr<Screen> screen;
};

Row beside_cubic() {
  Row row{.id = "k1",
          .title = "beside one CUBIC flow: 5 Mbit/s, RTT 60 ms, queue 120 ms; a stream of up to 6"};
  Uplink uplink("rate=5mbit queue=120ms");
  const Stream stream(uplink);
  std::string why;
  const auto tcp = TcpFlow::start(*uplink.wan, kSource, kOther, &why);
  if (!tcp) throw NotRun(why);
  sleep_for(seconds(10));
  const Measured m = measure(uplink, seconds(40));
  const double fair = (m.ours_kbps + m.other_kbps) / 2;
  row.figures = {{"share of the fair share, at least", m.ours_kbps / fair, "", at_least(0.5)},
                 {"share of the fair share, at most", m.ours_kbps / fair, "", at_most(1.5)},
                 {"CUBIC's rate", m.other_kbps, "kbit/s", {}}};
  row.sample = "40 s, ";
  add_figures(row, m, {}, {});
  return row;
}

Row capacity_step() {
  Row row{.id = "k2",
          .title = "capacity falls from 5 to 1.5 Mbit/s, queue 500 ms: from 1 s after on"};
  Uplink uplink("rate=5mbit queue=500ms");
  const Stream stream(uplink);
  sleep_for(seconds(10));
  uplink.set("rate=1.5mbit");
  sleep_for(seconds(1));
  row.sample = "15 s, ";
  add_figures(row, measure(uplink, seconds(15)), below(50), below(2), below(50));
  uplink.set("rate=5mbit");
  sleep_for(seconds(10));
  row.figures.push_back(
      {"10 s after 5 Mbit/s again: rate", measure(uplink, seconds(5)).ours_kbps, "kbit/s", {}});
  return row;
}

Row bufferbloat() {
  Row row{.id = "k3", .title = "alone on 5 Mbit/s with a queue of 1 s, a stream of up to 6"};
  Uplink uplink("rate=5mbit queue=1s");
  const Stream stream(uplink);
  sleep_for(seconds(10));
  row.sample = "30 s, ";
  add_figures(row, measure(uplink, seconds(30)), below(50), below(2));
  return row;
}

// From the end of a blackout until pictures come in their usual time after capture again, and stay.
double back_at_the_edge_ms(const std::vector<test::SeenPicture>& pictures, int64_t end_us,
                           double usual_ms) {
  constexpr double kAlmost = 50, kGap = 200;
  constexpr int64_t kWatchedUs = 3'000'000;
  double back = 0, last = 0;
  bool any = false;
  for (const test::SeenPicture& p : pictures) {
    if (!p.stamp || p.arrived_us < end_us || p.arrived_us > end_us + kWatchedUs) continue;
    const double late = static_cast<double>(p.arrived_us - static_cast<int64_t>(*p.stamp)) / 1e3;
    if (late > usual_ms + kAlmost) continue;
    const double at = static_cast<double>(p.arrived_us - end_us) / 1e3;
    if (!any || at - last > kGap) back = at;
    any = true;
    last = at;
  }
  return any ? back : kNotMeasured;
}

// `playout`: 0 lets the viewer choose, as it does where nobody says anything.
void blackouts(Row& row, milliseconds length, int playout_ms, int times) {
  const std::string playout = playout_ms ? "playout " + count(playout_ms) : "automatic";
  Uplink uplink("rate=5mbit queue=200ms");
  const Stream stream(uplink, {"--bitrate", "2000"},
                      playout_ms ? Words{"--playout", std::to_string(playout_ms)} : Words{});
  sleep_for(kSettling);
  const double usual = test::glass_to_glass(stream.screen->reader->pictures()).p50;
  std::vector<double> back;
  double rate = 1e9;
  for (int i = 0; i < times; ++i) {
    sleep_for(milliseconds(2'000 + 37 * i));
    if (!uplink.wan->cut(kSource, kViewer)) throw NotRun("the emulator refused");
    sleep_for(length);
    if (!uplink.wan->cut(kSource, kViewer, "off")) throw NotRun("the emulator refused");
    const int64_t end = test::monotonic_us();
    sleep_for(seconds(1));
    rate = std::min(rate, measure(uplink, seconds(2)).ours_kbps);
    back.push_back(back_at_the_edge_ms(stream.screen->reader->pictures(), end, usual));
  }
  row.figures.push_back({playout + ": live edge after, p50", percentile(back, 0.5), "ms", {}});
  row.figures.push_back({playout + ": worst", percentile(back, 1), "ms", at_most(500)});
  row.figures.push_back({playout + ": glass to glass before, p50", usual, "ms", {}});
  row.figures.push_back({playout + ": least rate 1 to 3 s after", rate, "kbit/s", {}});
}

Row blackout(const char* id, milliseconds length, int times) {
  Row row{.id = id,
          .title = "nothing gets through for " + count(length.count()) +
                   " ms: until the viewer is at the live edge again; RTT 60 ms"};
  row.sample = count(times) + " blackouts each";
  for (const int playout_ms : {0, 300}) blackouts(row, length, playout_ms, times);
  return row;
}

template <typename Measure>
Row watched(Measure measure_row) {
  const Watch watch;
  Row row = measure_row();
  watch.finish(row);
  return row;
}

}  // namespace

std::vector<Row> congestion(const Setting& setting) {
  const int times = setting.quick ? 3 : 8;
  return {watched(beside_cubic), watched(capacity_step), watched(bufferbloat),
          watched([&] { return blackout("k4", milliseconds(300), times); }),
          watched([&] { return blackout("k5", milliseconds(2'000), times); })};
}

}  // namespace swarmcast::bench
