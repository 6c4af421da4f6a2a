// What the benchmark found: rows of figures, each beside its bound, for people or for machines.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace swarmcast::bench {

enum class Relation { kAtMost, kAtLeast, kBelow };

struct Bound {
  Relation relation = Relation::kAtMost;
  double value = 0;
};
inline Bound at_most(double v) { return {Relation::kAtMost, v}; }
inline Bound at_least(double v) { return {Relation::kAtLeast, v}; }
inline Bound below(double v) { return {Relation::kBelow, v}; }

// The value of a figure that a row could not get.
inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<Bound> bound;  // none: printed for information
  bool keeps_bound() const;
};

// One measurement: one sample, one or more figures of it.
struct Row {
  std::string id;     // "a1"
  std::string title;  // what was measured, under which conditions
  std::string sample;
  std::vector<Figure> figures;
  std::vector<std::string> notes;
  std::string not_run;  // why there are no figures
  double busy = 0;      // share of the machine's processors in use meanwhile, 0..1
  double seconds = 0;
  bool complete() const { return not_run.empty(); }
};

// A percentile by nearest rank, 0 of nothing; `values` need not be sorted.
double percentile(std::vector<double> values, double share);

class Report {
 public:
  // Prints a line a row as JSON, or a table.
  explicit Report(bool json) : json_(json) {}
  void begin(bool quick);
  void add(const Row& row);
  void end();
  // Every figure keeps its bound, and every row was run.
  bool all_kept() const { return missed_ == 0 && not_measured_ == 0; }
  bool json() const { return json_; }

 private:
  bool json_;
  int kept_ = 0, missed_ = 0, not_measured_ = 0;
};

// Load of the machine between construction and now.
class Watch {
 public:
  Watch();
  void finish(Row& row) const;

 private:
  double began_;
  double busy_ticks_, all_ticks_;
};

}  // namespace swarmcast::bench
