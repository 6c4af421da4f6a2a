// How fast pictures come when somebody joins, and come again when a relay dies.
#include <signal.h>

#include <algorithm>

#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

// Source, two relays below it; the viewers enter through one of these.
struct Tree {
  explicit Tree(const test::Wan& wan) {
    source = start_broadcast(test::place(wan, 0), {"--max-children", "2"});
    dying = start_relay(test::place(wan, 1), source.invite);
    other = start_relay(test::place(wan, 2), source.invite);
    await_stats(*other.process, "a place for the second relay", seconds(20),
                [](const auto& stats) { return stats.value("hop", 0) == 1; });
    for (size_t i = 0; i < kViewers; ++i)
      viewers.push_back(watch_pictures(test::place(wan, 3 + i), dying.invite));
    for (const auto& viewer : viewers) {
      if (!viewer->reader->wait_pictures(6 * test::kFps, seconds(60)))
        throw NotRun("a viewer shows no pictures; " + test::say(*viewer->process));
    }
  }
  static constexpr size_t kViewers = 3;
  Node source, dying, other;
  std::vector<std::unique_ptr<Screen>> viewers;
};

// Whether the viewer's parent is the node it entered through: its first link is to that one.
// While a link is connecting, its peer is not known yet.
bool is_fed_by_its_entry(const Process& viewer) {
  std::string entry, parent;
  for (const auto& link : viewer.events("link")) {
    if (link.value("state", "") != "up") continue;
    const std::string peer = link.value("peer", "");
    if (entry.empty()) entry = peer;
    if (link.value("direction", "") == "parent") parent = peer;
  }
  return !entry.empty() && parent == entry;
}

// Kills the relay; the longest time without a new picture at each of its children, in ms.
std::vector<double> gaps_after_kill(Tree& tree) {
  std::vector<const Screen*> children;
  for (const auto& viewer : tree.viewers)
    if (is_fed_by_its_entry(*viewer->process)) children.push_back(viewer.get());
  const int64_t killed_us = test::monotonic_us();
  tree.dying.process->signal(SIGKILL);
  constexpr int64_t kWindowUs = 5'000'000;
  sleep_for(milliseconds(kWindowUs / 1'000 + 100));
  std::vector<double> gaps;
  for (const Screen* child : children) {
    const int64_t gap =
        test::longest_gap_us(child->reader->pictures(), killed_us - 100'000, killed_us + kWindowUs);
    gaps.push_back(static_cast<double>(gap) / 1e3);
  }
  return gaps;
}

}  // namespace

Row joining(const Setting& setting) {
  Row row{.id = "f",
          .title =
              "a viewer joins a running stream at RTT 80 ms: from its start to its first "
              "picture"};
  const auto wan = make_wan(2, "delay=40ms");
  const Node source = start_broadcast(test::place(*wan, 0));
  const Place there = test::place(*wan, 1);
  const int joins = setting.quick ? 6 : 40;
  sleep_for(milliseconds(3'000));
  std::vector<double> ms;
  for (int i = 0; i < joins; ++i) {
    const auto viewer = watch_pictures(there, source.invite);
    if (!viewer->reader->wait_pictures(1, seconds(20)))
      throw NotRun("a viewer shows no picture in 20 s; " + test::say(*viewer->process));
    ms.push_back(
        static_cast<double>(viewer->reader->pictures()[0].arrived_us - viewer->started_us) / 1e3);
    viewer->process->stop();
    sleep_for(milliseconds(137 * i % 1'000));  // any place between two key frames
  }
  row.sample = count(joins) + " joins, one after the other";
  row.figures = {{"p50", percentile(ms, 0.5), "ms", below(1'000)},
                 {"p95", percentile(ms, 0.95), "ms", below(1'000)},
                 {"max", percentile(ms, 1), "ms", {}}};
  return row;
}

Row relay_kill(const Setting& setting) {
  Row row{.id = "g",
          .title =
              "a relay in the middle of a tree is killed (20 ms one way): longest picture gap "
              "of its children"};
  const int kills = setting.quick ? 3 : 12;
  std::vector<double> gaps;
  for (int i = 0; i < kills; ++i) {
    const auto wan = make_wan(3 + Tree::kViewers, "delay=20ms");
    Tree tree(*wan);
    const auto of_this = gaps_after_kill(tree);
    gaps.insert(gaps.end(), of_this.begin(), of_this.end());
  }
  if (gaps.empty()) throw NotRun("the killed relays fed nobody");
  row.sample = count(kills) + " kills, " + count(static_cast<int64_t>(gaps.size())) +
               " children of the killed";
  row.figures = {{"p50", percentile(gaps, 0.5), "ms", {}},
                 {"p95", percentile(gaps, 0.95), "ms", {}},
                 {"max", percentile(gaps, 1), "ms", at_most(500)}};
  return row;
}

}  // namespace swarmcast::bench
