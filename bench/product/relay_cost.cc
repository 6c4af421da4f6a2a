// What a relay with five children costs: processor time beside a blind WebRTC relay's, and memory.
#include <cstdio>
#include <fstream>

#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

constexpr int kChildren = 5;
constexpr int kKbps = 2'000;
constexpr int kMessageBytes = 1'100;  // the blind relay's; ours are at most 1,156

struct Cost {
  double core_ms = 0;
  double mbit = 0;
  double per_mbit() const { return mbit > 0 ? core_ms / mbit : kNotMeasured; }
  void operator+=(const Cost& other) {
    core_ms += other.core_ms;
    mbit += other.mbit;
  }
};

// Between two of the relay's own reports: its process's time, the payload it sent.
Cost measure_ours(Process& node, seconds length) {
  const auto begin = await_stats(node, "a report of the relay", seconds(5));
  const double cpu = node.cpu_seconds();
  const double until = begin.value("t", 0.0) + static_cast<double>(length.count()) - 0.5;
  const auto end = await_stats(node, "a report of the relay", length + seconds(10),
                               [&](const auto& stats) { return stats.value("t", 0.0) >= until; });
  const auto sent = [](const auto& stats) {
    return stats["bytes"]["media_out"].template get<double>();
  };
  return {(node.cpu_seconds() - cpu) * 1e3, (sent(end) - sent(begin)) * 8 / 1e6};
}

// One run of bench/node_relay; throws NotRun where there is no Node.js or npm.
Cost run_theirs(const Setting& setting, seconds length) {
  const std::string folder = setting.root + "/bench/node_relay";
  const auto driver = Process::start(
      {.command = {setting.root + "/tools/node-env", "--modules", "bench/node_relay", "node",
                   folder + "/driver.mjs", "--children", std::to_string(kChildren), "--kbps",
                   std::to_string(kKbps), "--bytes", std::to_string(kMessageBytes), "--seconds",
                   std::to_string(length.count())},
       .limit = seconds(300)});
  if (!driver) throw NotRun("cannot start tools/node-env");
  const auto exit = driver->wait_exit(seconds(300));
  const std::string text = driver->text();
  const size_t at = text.rfind('{');
  const auto result = at == std::string::npos
                          ? nlohmann::json()
                          : nlohmann::json::parse(text.substr(at), nullptr, false);
  if (!exit || exit->code != 0 || !result.is_object())
    throw NotRun("the node-datachannel relay did not run: " + text);
  const double mbit = result.value("relayed_mbit", 0.0);
  return {result.value("core_ms_per_mbit", 0.0) * mbit, mbit};
}

// Its links do not always come up (node-datachannel's DTLS stalls now and then): that is no
// measurement, so it is tried again.
Cost measure_theirs(const Setting& setting, seconds length) {
  constexpr int kAttempts = 3;
  for (int attempt = 1; attempt < kAttempts; ++attempt) {
    try {
      return run_theirs(setting, length);
    } catch (const NotRun& reason) {
      std::fprintf(stderr, "bench: once more, for %s\n", reason.what());
    }
  }
  return run_theirs(setting, length);
}

struct Load {
  Node source, relay;
  std::vector<Node> children;

  Load() : source(start_broadcast({}, {"--bitrate", std::to_string(kKbps), "--no-sound"})) {
    relay = start_relay({}, source.invite,
                        {"--parent-only", "--max-children", std::to_string(kChildren)});
  }
  void grow_to(size_t n) {
    while (children.size() < n) {
      children.push_back(start_relay({}, relay.invite, {"--parent-only", "--max-children", "0"}));
    }
    await_stats(*relay.process, "feeding every child", seconds(20),
                [&](const auto& stats) { return stats.value("children", size_t{0}) == n; });
  }
};

double settled_anonymous_mb(Process& node, seconds settle) {
  const double until = await_stats(node, "a report", seconds(5)).value("t", 0.0) +
                       static_cast<double>(settle.count());
  await_stats(node, "a report", settle + seconds(10),
              [&](const auto& stats) { return stats.value("t", 0.0) >= until; });
  return static_cast<double>(node.anonymous_kib().value_or(0)) * 1'024 / 1e6;
}

// Libraries of media that the process maps.
std::vector<std::string> media_libraries(pid_t pid) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  if (!maps) return {"unknown: only root may see what a process maps that shuts debuggers out"};
  std::vector<std::string> out;
  for (std::string line; std::getline(maps, line);) {
    for (const char* name : {"/libav", "/libsw", "openh264", "/libopus", "swarmcast-media"}) {
      const size_t at = line.find('/');
      if (line.find(name) == std::string::npos || at == std::string::npos) continue;
      if (out.empty() || out.back() != line.substr(at)) out.push_back(line.substr(at));
    }
  }
  return out;
}

}  // namespace

Row relay_cpu(const Setting& setting) {
  Row row{.id = "b",
          .title =
              "processor time of a relay with 5 children at 2 Mbit/s, beside a blind WebRTC "
              "relay (npm node-datachannel)"};
  Load load;
  load.grow_to(kChildren);
  const seconds length(setting.quick ? 6 : 20);
  const int rounds = setting.quick ? 1 : 3;
  Cost ours, theirs;
  std::string reason;
  for (int round = 0; round < rounds; ++round) {
    ours += measure_ours(*load.relay.process, length);
    if (!reason.empty()) continue;
    try {
      theirs += measure_theirs(setting, length);
    } catch (const NotRun& e) {
      reason = e.what();
      row.notes.push_back("not compared: " + reason);
    }
  }
  row.sample = std::to_string(rounds) + " turns of " + std::to_string(length.count()) +
               " s each; Mbit relayed: ours " + decimals(ours.mbit, 0) + ", theirs " +
               decimals(theirs.mbit, 0);
  const double ratio = reason.empty() ? ours.per_mbit() / theirs.per_mbit() : kNotMeasured;
  row.figures = {{"ours, aim 1.0", ours.per_mbit(), "core-ms/Mbit", {}},
                 {"node-datachannel", theirs.per_mbit(), "core-ms/Mbit", {}},
                 {"ours / node-datachannel", ratio, "", at_most(0.5)}};
  row.notes.push_back("ours per Mbit of fragment payload, theirs per Mbit of message");
  return row;
}

Row relay_memory(const Setting& setting) {
  Row row{.id = "d", .title = "anonymous memory of a relay at 2 Mbit/s (RssAnon)"};
  Load load;
  load.grow_to(1);
  const double one = settled_anonymous_mb(*load.relay.process, seconds(setting.quick ? 8 : 20));
  load.grow_to(kChildren);
  const double five = settled_anonymous_mb(*load.relay.process, seconds(setting.quick ? 4 : 10));
  const auto libraries = media_libraries(load.relay.process->pid());
  row.sample = "one relay, 1 and then 5 children";
  row.figures = {{"with 5 children", five, "MB", at_most(30)},
                 {"with 1 child", one, "MB", {}},
                 {"a further link", (five - one) * 1e3 / (kChildren - 1), "kB", {}},
                 {"media libraries mapped", static_cast<double>(libraries.size()), "", at_most(0)}};
  for (const std::string& library : libraries) row.notes.push_back(library);
  return row;
}

}  // namespace swarmcast::bench
