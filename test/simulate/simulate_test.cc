// `swarmcast simulate` as people and scripts run it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "test/support/process.h"

namespace swarmcast::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;

std::unique_ptr<Process> start(const std::vector<std::string>& more) {
  ProcessOptions options{.command = {program("swarmcast"), "simulate"}};
  options.command.insert(options.command.end(), more.begin(), more.end());
  return Process::start(options);
}

int exit_code_of(Process& process) {
  const auto exit = process.wait_exit(seconds(90));
  return exit ? exit->code : -1;
}

TEST(SimulateTest, TwoRunsOfASeedPrintTheSame) {
  std::string lines[2];
  for (std::string& out : lines) {
    const auto process = start({"--viewers", "8", "--seconds", "2", "--uplink", "10", "--json"});
    ASSERT_TRUE(process);
    ASSERT_EQ(exit_code_of(*process), 0) << process->text();
    for (const json& e : process->events("progress")) out += e.dump() + "\n";
    out += process->last_event("summary").value_or(json()).dump();
  }
  EXPECT_EQ(lines[0], lines[1]);
  EXPECT_GT(std::ranges::count(lines[0], '\n'), 3);
}

TEST(SimulateTest, TheSummaryIsWhole) {
  const auto process = start({"--viewers", "3", "--seconds", "2", "--uplink", "10", "--json"});
  ASSERT_TRUE(process);
  ASSERT_EQ(exit_code_of(*process), 0) << process->text();
  const auto last = process->last_event("summary");
  ASSERT_TRUE(last) << process->text();
  const json& s = *last;
  EXPECT_EQ(s["viewers"], 3);
  EXPECT_EQ(s["violations"], 0);
  for (const char* p : {"p50", "p95"}) EXPECT_GT(s["latency_ms"][p], 100) << s.dump();
  EXPECT_TRUE(s["latency_ms"].contains("p99"));  // null if two of these few frames were lost
  EXPECT_GE(s["hops"]["max"], s["hops"]["mean"]);
  EXPECT_GT(s["t"], 2);
  for (const char* share : {"on_time", "stall_share", "overhead", "duplicates", "uplink_used"}) {
    EXPECT_GE(s[share], 0) << s.dump();
    EXPECT_LE(s[share], 1) << s.dump();
  }
}

TEST(SimulateTest, SaysWhatTheOptionsChanged) {
  const auto process = start({"--viewers", "2", "--seconds", "1", "--loss", "5", "--uplink", "10"});
  ASSERT_TRUE(process);
  ASSERT_EQ(exit_code_of(*process), 0) << process->text();
  const std::string said = process->text();
  EXPECT_NE(said.find("5 % of the packets lost"), std::string::npos) << said;
  EXPECT_NE(said.find("uplinks times 10"), std::string::npos) << said;
  EXPECT_EQ(said.find("1 % of packets"), std::string::npos) << said;
}

TEST(SimulateTest, WhoHasNoPictureIsSaidAndHowToSeeItAgain) {
  const auto process =
      start({"--viewers", "40", "--seconds", "2", "--uplink", "0.2", "--seed", "7", "--json"});
  ASSERT_TRUE(process);
  EXPECT_EQ(exit_code_of(*process), 10) << process->text();
  const auto violation = process->last_event("violation");
  ASSERT_TRUE(violation);
  EXPECT_EQ((*violation)["property"], "liveness");
  EXPECT_NE(process->text().find("swarmcast simulate swarm --viewers 40"), std::string::npos);
  EXPECT_NE(process->text().find("--seed 7"), std::string::npos) << process->text();
}

TEST(SimulateTest, ACrashABrokenSafetyAndAMissingPictureAreToldApart) {
  const auto code_of = [](const std::vector<std::string>& what) {
    const auto process = start(what);
    const int code = process ? exit_code_of(*process) : -1;
    EXPECT_NE(process->text().find("swarmcast simulate "), std::string::npos) << process->text();
    return code;
  };
  // Not under every seed has one of the few attackers somebody to forward to.
  EXPECT_EQ(code_of({"polluters", "--plant", "unverified", "--viewers", "100", "--seconds", "1",
                     "--seeds", "4", "--jobs", "2"}),
            9);
  EXPECT_EQ(code_of({"--plant", "unrelayed", "--viewers", "20", "--seconds", "3"}), 10);
  EXPECT_EQ(code_of({"--plant", "crash", "--viewers", "3", "--seconds", "1"}), 70);
}

TEST(SimulateTest, SeveralSeedsGiveWhatEachGivesAlone) {
  const std::vector<std::string> few = {"--viewers", "3", "--seconds", "1", "--json"};
  const auto text_of = [&](std::vector<std::string> more) {
    more.insert(more.end(), few.begin(), few.end());
    const auto process = start(more);
    EXPECT_EQ(exit_code_of(*process), 0) << process->text();
    std::string out;
    for (const json& e : process->events("summary")) out += e.dump() + "\n";
    return out;
  };
  EXPECT_EQ(text_of({"--seed", "4", "--seeds", "2", "--jobs", "2"}),
            text_of({"--seed", "4"}) + text_of({"--seed", "5"}));
}

TEST(SimulateTest, LoadsNoMediaLibrary) {
  const auto process = start({"--viewers", "20", "--seconds", "600", "--json"});
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->wait_event("progress", seconds(30)));
  std::ifstream file("/proc/" + std::to_string(process->pid()) + "/maps");
  const std::string maps((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(maps.find("swarmcast"), std::string::npos);
  for (const char* library :
       {"swarmcast-media", "libavcodec", "libavformat", "libopenh264", "SDL2"})
    EXPECT_EQ(maps.find(library), std::string::npos) << library;
}

TEST(SimulateTest, OtherDesignsRunOnTheSameNetwork) {
  std::string lines[2];
  for (std::string& out : lines) {
    const auto process = start({"--design", "push-tree", "--viewers", "20", "--seconds", "2",
                                "--seed", "3", "--uplink", "10", "--json"});
    ASSERT_TRUE(process);
    ASSERT_EQ(exit_code_of(*process), 0) << process->text();
    const json scenario = process->last_event("scenario").value_or(json());
    EXPECT_EQ(scenario["design"], "push-tree");
    const json summary = process->last_event("summary").value_or(json());
    EXPECT_EQ(summary["viewers"], 20);
    EXPECT_GT(summary["on_time"], 0.5);
    out = scenario.dump() + summary.dump();
  }
  EXPECT_EQ(lines[0], lines[1]);
  EXPECT_NE(lines[0].find("--design push-tree"), std::string::npos) << lines[0];
}

TEST(SimulateTest, WhatAnotherDesignHasNotIsRefused) {
  for (const char* what : {"--real-crypto", "--sound", "--adaptive"}) {
    const auto process = start({"--design", "gossipsub", what});
    ASSERT_TRUE(process);
    EXPECT_EQ(exit_code_of(*process), 2) << process->text();
    EXPECT_NE(process->text().find("gossipsub is simulated without"), std::string::npos) << what;
  }
  const auto unknown = start({"--design", "nonsense"});
  ASSERT_TRUE(unknown);
  EXPECT_EQ(exit_code_of(*unknown), 2);
  EXPECT_NE(unknown->text().find("pull-mesh"), std::string::npos) << unknown->text();
}

TEST(SimulateTest, AnUnknownScenarioGetsTheListOfThem) {
  const auto process = start({"nonsense"});
  ASSERT_TRUE(process);
  EXPECT_EQ(exit_code_of(*process), 2);
  EXPECT_NE(process->text().find("polluters"), std::string::npos) << process->text();
}

}  // namespace
}  // namespace swarmcast::test
