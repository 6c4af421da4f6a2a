#include "sim/report/html_report.h"

#include <algorithm>

#include "sim/report/svg.h"

namespace swarmcast::sim {
namespace {

constexpr double kDelayStep = 250;  // ms; the axis ends at a multiple

constexpr const char kStyle[] = R"css(
:root { color-scheme: light dark; --page: #fff; --text: #1b1f24; --soft: #5a6572; --grid: #dde2e8;
  --s0: #0b62c4; --s1: #b3480a; --edge: #9aa7b5; }
@media (prefers-color-scheme: dark) { :root { --page: #14181d; --text: #e6eaef; --soft: #a3afbc;
  --grid: #2d353e; --s0: #6cb0ff; --s1: #ffa15e; --edge: #566373; } }
body { background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
  max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0.2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 0.4rem; }
p { margin: 0.3rem 0; } .soft { color: var(--soft); }
table { border-collapse: collapse; } td { padding: 0.15rem 1.5rem 0.15rem 0; }
td + td { text-align: right; font-variant-numeric: tabular-nums; padding-right: 0; }
code { display: block; overflow-x: auto; white-space: pre-wrap; padding: 0.6rem 0.8rem;
  border: 1px solid var(--grid); border-radius: 6px; font-size: 0.9rem; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--grid); } .edge { stroke: var(--edge); stroke-width: 0.7; }
.line { fill: none; stroke-width: 2; } .line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); }
.bar, .dot { fill: var(--s0); } .source { fill: var(--s1); }
.key { display: inline-block; width: 1.2em; height: 3px; vertical-align: middle; margin: 0 0.4em 0 1em; }
.key.s0 { background: var(--s0); } .key.s1 { background: var(--s1); } .legend { font-size: 0.9rem; }
)css";

std::string section(const std::string& title, const std::string& about, const std::string& plot,
                    const std::string& otherwise = "There is nothing to show.") {
  return "<h2>" + escaped(title) + "</h2>\n<p class=\"soft\">" + escaped(about) + "</p>\n" +
         (plot.empty() ? "<p>" + escaped(otherwise) + "</p>" : plot) + "\n";
}

std::string percent(double share, int decimals = 3) { return number(share * 100, decimals) + " %"; }

std::string delay_plot(const Details& d) {
  if (d.delay_cdf.empty()) return {};
  Line line{.name = "pictures", .points = {}};
  for (size_t ms = 0; ms < d.delay_cdf.size(); ++ms)
    line.points.emplace_back(static_cast<double>(ms), d.delay_cdf[ms] * 100);
  const double steps = static_cast<double>(d.delay_cdf.size()) / kDelayStep;
  const Axis x{.label = "capture to presentation, ms",
               .to = (static_cast<double>(static_cast<int>(steps)) + 1) * kDelayStep};
  const Axis y{.label = "% of pictures due", .to = 100};
  return line_chart("Share of pictures by their delay", x, y, {line});
}

std::string depth_plot(const Details& d) {
  uint64_t all = 0;
  for (const uint64_t n : d.depths) all += n;
  std::vector<Bar> bars;
  for (size_t hops = 0; hops < d.depths.size(); ++hops) {
    if (hops == 0 && d.depths[0] == 0) continue;
    const double share = static_cast<double>(d.depths[hops]) / static_cast<double>(all);
    const std::string unit = hops == 1 ? " hop" : " hops";
    bars.push_back(
        {hops == 0 ? "no place" : std::to_string(hops) + unit, share, percent(share, 1)});
  }
  return bars.empty() ? std::string() : bar_chart("Viewers by their depth", bars);
}

std::string continuity_plot(const Details& d) {
  Line watching{.name = "viewers with a picture", .points = {}};
  Line on_time{.name = "pictures on time", .points = {}};
  const auto share = [](uint64_t part, uint64_t whole) {
    return 100 * static_cast<double>(part) / static_cast<double>(whole);
  };
  for (size_t i = 0; i < d.seconds.size(); ++i) {
    const SecondOfRun& s = d.seconds[i];
    if (s.due == 0) continue;
    watching.points.emplace_back(static_cast<double>(i), share(s.watching, s.viewers));
    on_time.points.emplace_back(static_cast<double>(i), share(s.on_time, s.due));
  }
  if (watching.points.empty()) return {};
  const Axis x{.label = "s since all have joined",
               .to = std::max(static_cast<double>(d.seconds.size()) - 1, 1.0),
               .decimals = d.seconds.size() > 10 ? 0 : 1};
  return line_chart("Share of viewers with a picture, by second", x, {.label = "%", .to = 100},
                    {watching, on_time});
}

std::string overhead_plot(const Details& d) {
  const auto picture = static_cast<double>(d.bytes[static_cast<size_t>(Cause::kPicture)]);
  if (picture <= 0) return {};
  std::vector<Bar> bars;
  const auto add = [&](const char* name, uint64_t bytes) {
    const double share = static_cast<double>(bytes) / picture;
    bars.push_back({name, share, percent(share, 2)});
  };
  for (size_t cause = 1; cause < kCauses; ++cause) add(kCauseNames[cause], d.bytes[cause]);
  add("received more than once", d.duplicate_bytes);
  return bar_chart("Bytes beside those of pictures, by what they are for", bars);
}

std::string table(const Summary& summary) {
  std::string out = "<table>\n";
  for (const auto& [name, value] : summary_rows(summary))
    out += "<tr><td>" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  return out + "</table>\n";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> summary_rows(const Summary& s) {
  const auto ms = [](const std::optional<double>& v) {
    return v ? number(*v) + " ms" : std::string("never");
  };
  return {{"viewers", std::to_string(s.viewers)},
          {"capture to presentation, p50", ms(s.p50_ms)},
          {"capture to presentation, p95", ms(s.p95_ms)},
          {"capture to presentation, p99", ms(s.p99_ms)},
          {"capture to decodable, p50", ms(s.network_p50_ms)},
          {"capture to decodable, p95", ms(s.network_p95_ms)},
          {"capture to decodable, p99", ms(s.network_p99_ms)},
          {"hops, mean and most", number(s.hops_mean, 2) + ", " + std::to_string(s.hops_max)},
          {"viewers without a place", percent(s.unplaced)},
          {"pictures on time", percent(s.on_time)},
          {"time without a picture", percent(s.stall_share)},
          {"overhead", percent(s.overhead)},
          {"duplicates", percent(s.duplicates)},
          {"uplink used", percent(s.uplink_used)},
          {"violations", std::to_string(s.violations)}};
}

std::string html_report(const ReportHead& head, const Summary& summary, const Details& details) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(head.title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
      escaped(head.title) + "</h1>\n<p class=\"soft\">" + escaped(head.about) + "</p>\n";
  out += "<h2>Figures</h2>\n" + table(summary);
  out += "<h2>To see the same again</h2>\n<code>" + escaped(head.command) + "</code>\n";
  if (!head.events.empty()) {
    out += "<h2>Violations</h2>\n<ul>\n";
    for (const std::string& event : head.events) out += "<li>" + escaped(event) + "</li>\n";
    out += "</ul>\n";
  }
  out += section("Delay", "Of all pictures due to all viewers, the share shown within a time.",
                 delay_plot(details));
  out += section("Depth", "Hops from the source, once a second.", depth_plot(details));
  out += section("Continuity", "By the second in which a picture was captured.",
                 continuity_plot(details));
  out += section("Overhead",
                 "Bytes sent for anything but pictures, against those of pictures; the last bar is "
                 "payload that came although it was there, which is among the others.",
                 overhead_plot(details));
  out += section("The tree", "Who receives from whom, at the end; the source is at the top.",
                 tree_chart("The tree from the source to all viewers", details.tree),
                 "Nobody has one parent here.");
  return out + "</body>\n</html>\n";
}

}  // namespace swarmcast::sim
