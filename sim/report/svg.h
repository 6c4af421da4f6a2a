// Plots as inline SVG. Colours are the page's: classes s0, s1, ... of its style sheet.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/report/measure.h"

namespace swarmcast::sim {

// Text for HTML and for attributes in double quotes.
std::string escaped(std::string_view text);
// With so many decimals, a point as separator whatever the locale; what is not finite is 0.
std::string number(double value, int decimals = 0);

struct Axis {
  std::string label;
  double from = 0, to = 1;
  int decimals = 0;  // of its numbers
};

struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;
};
// Points outside of the axes are drawn at their edge.
std::string line_chart(const std::string& about, const Axis& x, const Axis& y,
                       const std::vector<Line>& lines);

struct Bar {
  std::string name;
  double value = 0;
  std::string text;  // the value in words
};
// Lying bars, the longest as wide as there is room.
std::string bar_chart(const std::string& about, const std::vector<Bar>& bars);

// From the source at the top downwards. Who has no way to the source is left out.
std::string tree_chart(const std::string& about, const std::vector<Position>& nodes);

}  // namespace swarmcast::sim
