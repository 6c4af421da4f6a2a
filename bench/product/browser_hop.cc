// Chromium and the native transport over lossy networks: bench/browser_hop measures, this judges.
#include <sstream>

#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

constexpr double kShare = 99;    // percent of what was not lost
constexpr double kDelayMs = 10;  // p50 beyond one way
constexpr int kSideBySide = 4;   // networks: the ten take about three minutes

void add(Row& row, const nlohmann::json& cell) {
  const std::string name = cell.value("name", "?");
  if (cell.contains("failed")) {
    row.figures.push_back({name + ": arrived", kNotMeasured, "%", at_least(kShare)});
    row.notes.push_back(name + ": " + cell["failed"].get<std::string>());
    return;
  }
  row.figures.push_back({name + ": arrived", cell["share"], "%", at_least(kShare)});
  row.figures.push_back({name + ": delay p50", cell["p50"], "ms", at_most(kDelayMs)});
  row.notes.push_back(name + ": p99 " + decimals(cell["p99"], 1) + ", at most " +
                      decimals(cell["max"], 1) + " ms, lost " + count(cell["lost"]) + " of " +
                      count(cell["packets"]) + " packets, " + decimals(cell["cpu"], 1) +
                      " core-ms/Mbit, delays right to " + decimals(cell["clock"], 1) + " ms");
}

}  // namespace

Row browser_hop(const Setting& setting) {
  const int messages = setting.quick ? 1'000 : 10'000;
  Row row{.id = "w",
          .title =
              "Chromium and the native transport, RTT 60 ms, 2 Mbit/s in messages of 1,100 "
              "bytes: share of what was not lost, delay beyond one way",
          .sample = count(messages) + " messages a network and direction"};
  const auto driver = Process::start(
      {.command = {setting.root + "/tools/node-env", "--modules", "test/interop", "node",
                   setting.root + "/bench/browser_hop/driver.mjs", "--messages",
                   std::to_string(messages), "--side-by-side", std::to_string(kSideBySide)},
       .limit = seconds(1'500)});
  if (!driver) throw NotRun("cannot start tools/node-env");
  const auto exit = driver->wait_exit(seconds(1'500));
  const std::string text = driver->text();
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto cell = nlohmann::json::parse(line, nullptr, false);
    if (cell.is_object() && cell.contains("name")) add(row, cell);
  }
  if (!exit || row.figures.empty()) throw NotRun("the browser's driver did not run: " + text);
  return row;
}

}  // namespace swarmcast::bench
