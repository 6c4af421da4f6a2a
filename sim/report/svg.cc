#include "sim/report/svg.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace swarmcast::sim {
namespace {

constexpr double kWidth = 720, kHeight = 260;
constexpr double kLeft = 58, kRight = 20, kTop = 12, kBottom = 44;
constexpr int kTicks = 5;
constexpr size_t kMostPoints = 400;  // of a line
constexpr double kBarHeight = 22, kBarGap = 8, kBarLabel = 210, kBarText = 110;
constexpr double kLevelHeight = 56, kTreeMargin = 20;

std::string attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + number(value, 1) + "\"";
}

std::string open(const std::string& about, double width, double height) {
  return "<svg role=\"img\" viewBox=\"0 0 " + number(width) + " " + number(height) +
         "\" aria-label=\"" + escaped(about) + "\"><title>" + escaped(about) + "</title>";
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + anchor + "\">" +
         escaped(text) + "</text>";
}

std::string line_from(double x1, double y1, double x2, double y2, const char* kind) {
  return "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
         attribute("y2", y2) + " class=\"" + kind + "\"/>";
}

// Where in 0..1 a value lies.
double share_on(const Axis& axis, double value) {
  const double span = axis.to - axis.from;
  const double share = span > 0 ? (value - axis.from) / span : 0;
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
}
double across(const Axis& x, double value) {
  return kLeft + share_on(x, value) * (kWidth - kLeft - kRight);
}
double down(const Axis& y, double value) {
  return kHeight - kBottom - share_on(y, value) * (kHeight - kTop - kBottom);
}

std::string axes(const Axis& x, const Axis& y) {
  std::string out;
  for (int i = 0; i <= kTicks; ++i) {
    const double share = static_cast<double>(i) / kTicks;
    const double at_x = x.from + share * (x.to - x.from), at_y = y.from + share * (y.to - y.from);
    out += line_from(kLeft, down(y, at_y), kWidth - kRight, down(y, at_y), "grid");
    out += text_at(kLeft - 6, down(y, at_y) + 4, "end", number(at_y, y.decimals));
    out += text_at(across(x, at_x), kHeight - kBottom + 18, "middle", number(at_x, x.decimals));
  }
  out += text_at((kLeft + kWidth - kRight) / 2, kHeight - 6, "middle", x.label);
  return out + "<text text-anchor=\"middle\" transform=\"translate(14 " +
         number((kTop + kHeight - kBottom) / 2) + ") rotate(-90)\">" + escaped(y.label) + "</text>";
}

std::string points_of(const Line& line, const Axis& x, const Axis& y) {
  std::string out;
  const size_t step = std::max<size_t>(1, line.points.size() / kMostPoints);
  for (size_t i = 0; i < line.points.size(); ++i) {
    if (i % step != 0 && i + 1 != line.points.size()) continue;
    const auto& [at_x, at_y] = line.points[i];
    out += number(across(x, at_x), 1) + "," + number(down(y, at_y), 1) + " ";
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string number(double value, int decimals) {
  char text[64];
  if (!std::isfinite(value) || std::abs(value) > 1e30) value = 0;
  const auto end = std::to_chars(text, std::end(text), value, std::chars_format::fixed, decimals);
  return {text, end.ptr};
}

std::string line_chart(const std::string& about, const Axis& x, const Axis& y,
                       const std::vector<Line>& lines) {
  std::string out = open(about, kWidth, kHeight) + axes(x, y), legend;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string kind = "s" + std::to_string(i);
    out += "<polyline class=\"line " + kind + "\" points=\"" + points_of(lines[i], x, y) + "\"/>";
    if (lines.size() > 1)
      legend += "<span class=\"key " + kind + "\"></span>" + escaped(lines[i].name) + " ";
  }
  out += "</svg>";
  return legend.empty() ? out : out + "<p class=\"legend\">" + legend + "</p>";
}

std::string bar_chart(const std::string& about, const std::vector<Bar>& bars) {
  double most = 0;
  for (const Bar& bar : bars) most = std::max(most, bar.value);
  const double height = static_cast<double>(bars.size()) * (kBarHeight + kBarGap) + kBarGap;
  std::string out = open(about, kWidth, height);
  double y = kBarGap;
  for (const Bar& bar : bars) {
    const double room = kWidth - kBarLabel - kBarText;
    const double width = std::max(share_on({.label = {}, .to = most}, bar.value) * room, 1.0);
    const double middle = y + kBarHeight / 2 + 4;
    out += text_at(kBarLabel - 8, middle, "end", bar.name);
    out += "<rect class=\"bar\" rx=\"3\"" + attribute("x", kBarLabel) + attribute("y", y) +
           attribute("width", width) + attribute("height", kBarHeight) + "/>";
    out += text_at(kBarLabel + width + 6, middle, "start", bar.text);
    y += kBarHeight + kBarGap;
  }
  return out + "</svg>";
}

// --- the tree

namespace {

class TreeDrawing {
 public:
  explicit TreeDrawing(const std::vector<Position>& nodes) {
    NodeId most = 0;
    for (const Position& p : nodes) most = std::max(most, p.node);
    children_.resize(size_t{most} + 1);
    place_.resize(size_t{most} + 1);
    for (const Position& p : nodes)
      if (p.parent && *p.parent <= most && *p.parent != p.node)
        children_[*p.parent].push_back(p.node);
    put(0, 0);
  }
  size_t drawn() const { return drawn_; }

  std::string draw(const std::string& about) const {
    const double step = (kWidth - 2 * kTreeMargin) / std::max(leaves_, 1.0);
    const double radius = std::clamp(step / 2, 1.5, 6.0);
    std::string lines, dots;
    draw_below(0, step, radius, lines, dots);
    const double height = static_cast<double>(deepest_) * kLevelHeight + 2 * kTreeMargin;
    return open(about, kWidth, height) + lines + dots + "</svg>";
  }

 private:
  struct Place {
    double across = 0;
    int level = -1;  // not drawn yet
  };
  // Leaves side by side, everybody else above the middle of its children. Gives how far right.
  double put(NodeId node, int level) {
    place_[node].level = level;
    deepest_ = std::max(deepest_, level);
    ++drawn_;
    double sum = 0, count = 0;
    for (const NodeId child : children_[node]) {
      if (place_[child].level >= 0) continue;  // a loop: two that name each other
      sum += put(child, level + 1);
      ++count;
    }
    return place_[node].across = count > 0 ? sum / count : leaves_++ + 0.5;
  }
  double x(NodeId node, double step) const { return kTreeMargin + place_[node].across * step; }
  double y(NodeId node) const { return kTreeMargin + place_[node].level * kLevelHeight; }

  void draw_below(NodeId node, double step, double radius, std::string& lines,
                  std::string& dots) const {
    dots += "<circle class=\"" + std::string(node == 0 ? "source" : "dot") + "\"" +
            attribute("cx", x(node, step)) + attribute("cy", y(node)) +
            attribute("r", node == 0 ? 7 : radius) + "><title>" +
            (node == 0 ? "the source" : "viewer " + std::to_string(node)) + ", " +
            std::to_string(children_[node].size()) + " children</title></circle>";
    for (const NodeId child : children_[node]) {
      if (place_[child].level != place_[node].level + 1) continue;
      lines += line_from(x(node, step), y(node), x(child, step), y(child), "edge");
      draw_below(child, step, radius, lines, dots);
    }
  }

  std::vector<std::vector<NodeId>> children_;
  std::vector<Place> place_;
  double leaves_ = 0;
  int deepest_ = 0;
  size_t drawn_ = 0;
};

}  // namespace

std::string tree_chart(const std::string& about, const std::vector<Position>& nodes) {
  const TreeDrawing drawing(nodes);
  return drawing.drawn() > 1 ? drawing.draw(about) : std::string();
}

}  // namespace swarmcast::sim
