#include "bench/product/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "test/support/process.h"
#include "test/support/processor.h"

namespace swarmcast::bench {
namespace {

using Json = nlohmann::ordered_json;

const char* symbol(Relation relation) {
  switch (relation) {
    case Relation::kAtMost:
      return "<=";
    case Relation::kAtLeast:
      return ">=";
    case Relation::kBelow:
      return "<";
  }
  return "";
}

// As many digits as the figure deserves.
std::string number(double v) {
  char text[40];
  const double size = std::abs(v);
  const int digits = v == std::round(v) && size < 1e6 ? 0 : size >= 1'000 ? 0 : size >= 1 ? 2 : 3;
  std::snprintf(text, sizeof text, "%.*f", digits, v);
  return text;
}

std::string with_unit(double v, const std::string& unit) {
  if (std::isnan(v)) return "not measured";
  return unit.empty() ? number(v) : number(v) + " " + unit;
}

double round_to(double v, double parts) { return std::round(v * parts) / parts; }

double now_s() { return static_cast<double>(test::monotonic_us()) / 1e6; }

Json to_json(const Row& row) {
  Json out{{"row", row.id}, {"title", row.title}};
  if (!row.complete()) {
    out["not_run"] = row.not_run;
    return out;
  }
  out["sample"] = row.sample;
  Json figures = Json::array();
  for (const Figure& f : row.figures) {
    Json figure{{"name", f.name}, {"value", round_to(f.value, 1e4)}, {"unit", f.unit}};
    if (f.bound) {
      figure["relation"] = symbol(f.bound->relation);
      figure["bound"] = f.bound->value;
      figure["kept"] = f.keeps_bound();
    }
    figures.push_back(figure);
  }
  out["figures"] = figures;
  out["notes"] = row.notes;
  out["machine_busy"] = round_to(row.busy, 100);
  out["seconds"] = round_to(row.seconds, 10);
  return out;
}

void print_table(const Row& row) {
  std::printf("\n%-3s %s\n", row.id.c_str(), row.title.c_str());
  if (!row.complete()) {
    std::printf("    not run: %s\n", row.not_run.c_str());
    return;
  }
  std::printf("    %s; took %.0f s, processors %.0f %% busy\n", row.sample.c_str(), row.seconds,
              100 * row.busy);
  for (const Figure& f : row.figures) {
    std::string bound, mark;
    if (f.bound) {
      bound = std::string(symbol(f.bound->relation)) + " " + with_unit(f.bound->value, f.unit);
      mark = std::isnan(f.value) ? "-" : f.keeps_bound() ? "pass" : "FAIL";
    }
    std::printf("    %-44s %14s   %-14s %s\n", f.name.c_str(), with_unit(f.value, f.unit).c_str(),
                bound.c_str(), mark.c_str());
  }
  for (const std::string& note : row.notes) std::printf("      %s\n", note.c_str());
}

}  // namespace

bool Figure::keeps_bound() const {
  if (!bound) return true;
  switch (bound->relation) {
    case Relation::kAtMost:
      return value <= bound->value;
    case Relation::kAtLeast:
      return value >= bound->value;
    case Relation::kBelow:
      return value < bound->value;
  }
  return false;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::clamp<size_t>(rank, 1, values.size()) - 1];
}

void Report::begin(bool quick) {
  const unsigned cores = std::thread::hardware_concurrency();
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  if (json_) {
    std::puts(Json{{"bench", "swarmcast"}, {"quick", quick}, {"cores", cores}, {"load", load}}
                  .dump()
                  .c_str());
  } else {
    std::printf("SWARMCAST, measured on this machine: %u cores, load %.1f at the start%s\n", cores,
                load, quick ? "; --quick: samples too small for the shares" : "");
  }
  std::fflush(stdout);
}

void Report::add(const Row& row) {
  not_measured_ += !row.complete();
  for (const Figure& f : row.figures) {
    if (!f.bound) continue;
    ++(std::isnan(f.value) ? not_measured_ : f.keeps_bound() ? kept_ : missed_);
  }
  if (json_) {
    std::puts(to_json(row).dump().c_str());
  } else {
    print_table(row);
  }
  std::fflush(stdout);
}

void Report::end() {
  if (json_) {
    std::puts(
        Json{{"kept", kept_}, {"missed", missed_}, {"not_measured", not_measured_}}.dump().c_str());
  } else {
    std::printf("\n%d figures keep their bounds, %d miss them; %d could not be measured.\n", kept_,
                missed_, not_measured_);
  }
}

Watch::Watch() : began_(now_s()) {
  const test::Ticks ticks = test::read_ticks();
  busy_ticks_ = ticks.busy;
  all_ticks_ = ticks.all;
}

void Watch::finish(Row& row) const {
  const test::Ticks ticks = test::read_ticks();
  row.seconds = now_s() - began_;
  row.busy = ticks.all > all_ticks_ ? (ticks.busy - busy_ticks_) / (ticks.all - all_ticks_) : 0;
}

}  // namespace swarmcast::bench
