#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

constexpr seconds kNodeLimit{1'800};
constexpr milliseconds kStartTime{15'000};

std::unique_ptr<Process> start(const Place& place, const Words& command, const Words& more,
                               bool pictures = false) {
  auto node =
      test::start_node(place, command, more, {.binary_output = pictures, .limit = kNodeLimit});
  if (!node) throw NotRun("cannot start " + test::program("swarmcast"));
  return node;
}

std::string require_invite(Process& node) {
  const std::string invite = test::invite_of(node);
  if (invite.empty()) throw NotRun("a node gave no invite; " + test::say(node));
  return invite;
}

}  // namespace

std::unique_ptr<test::Wan> make_wan(size_t hosts, const std::string& settings) {
  std::string why;
  auto wan = test::Wan::create(hosts, &why, /*seed=*/1);
  if (!wan) throw NotRun(why);
  if (!wan->every_link(settings)) throw NotRun("the emulator refused '" + settings + "'");
  return wan;
}

Node start_broadcast(const Place& place, const Words& more) {
  Node node{start(place, {"broadcast", "--input", "test"}, more), ""};
  node.invite = require_invite(*node.process);
  return node;
}

Node start_relay(const Place& place, const std::string& invite, const Words& more) {
  Node node{start(place, {"relay", invite}, more), ""};
  node.invite = require_invite(*node.process);
  return node;
}

std::unique_ptr<Process> start_watch(const Place& place, const std::string& invite,
                                     const Words& more) {
  return start(place, {"watch", invite}, more);
}

std::unique_ptr<Screen> watch_pictures(const Place& place, const std::string& invite,
                                       const Words& more) {
  auto screen = std::make_unique<Screen>();
  screen->started_us = test::monotonic_us();
  screen->process = start(place, {"watch", invite, "--out", "-"}, more, /*pictures=*/true);
  screen->reader = std::make_unique<test::NutReader>(screen->process->take_output());
  return screen;
}

nlohmann::json await_stats(Process& node, const std::string& what, milliseconds timeout,
                           const Process::Predicate& wanted) {
  const auto stats = node.wait_event("stats", timeout, wanted, node.event_count());
  if (!stats) throw NotRun(what + " did not happen in time; " + test::say(node));
  return *stats;
}

Share on_time(const nlohmann::json& before, const nlohmann::json& after) {
  const auto difference = [&](const char* name) {
    return after["frames"].value(name, int64_t{0}) - before["frames"].value(name, int64_t{0});
  };
  const int64_t expected = difference("expected");
  if (expected <= 0) return {};
  return {100 * static_cast<double>(difference("on_time")) / static_cast<double>(expected),
          expected};
}

std::string frame_sentence(const nlohmann::json& before, const nlohmann::json& after) {
  std::string out = "of " + count(on_time(before, after).frames) + " frames";
  for (const char* name : {"late", "missing", "undecodable"}) {
    const int64_t n =
        after["frames"].value(name, int64_t{0}) - before["frames"].value(name, int64_t{0});
    out += ", " + count(n) + " " + name;
  }
  return out;
}

std::string count(int64_t n) {
  std::string out = std::to_string(n);
  for (int at = static_cast<int>(out.size()) - 3; at > 0; at -= 3) out.insert(at, ",");
  return out;
}

std::string decimals(double v, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", digits, v);
  return text;
}

}  // namespace swarmcast::bench
