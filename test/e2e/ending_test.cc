// How commands end when all is well, and the invite on stdin.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

std::string reason(Process& node) {
  return node.last_event("ended").value_or(nlohmann::json::object()).value("reason", "");
}

TEST(EndingTest, ATerminatedBroadcastEndsEverywhere) {
  const auto source = go_live({});
  const auto middle = relay({}, source->invite, {"--parent-only"});
  ASSERT_NE(middle->invite, "");
  const auto viewer = watch({}, middle->invite, {"--parent-only"});
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(kFps, seconds(20))) << say(*viewer->process);
  source->process->signal(SIGTERM);
  for (Process* node : {source->process.get(), middle->process.get(), viewer->process.get()}) {
    const auto exit = node->wait_exit(seconds(10));
    ASSERT_TRUE(exit) << say(*node);
    EXPECT_EQ(exit->code, 0) << say(*node);
    EXPECT_EQ(exit->signal, 0);
  }
  EXPECT_EQ(reason(*source->process), "stopped");
  EXPECT_EQ(reason(*middle->process), "source_ended");
  EXPECT_EQ(reason(*viewer->process), "source_ended");
  EXPECT_TRUE(viewer->reader->wait_end(seconds(5)));
  EXPECT_EQ(viewer->reader->error(), "");
}

TEST(EndingTest, ViewersAndRelaysEndCleanlyOnEverySignalOfThatKind) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  for (int number : {SIGTERM, SIGINT, SIGHUP}) {
    const auto viewer = watch({}, source->invite);
    ASSERT_TRUE(viewer);
    ASSERT_TRUE(viewer->reader->wait_pictures(5, seconds(20))) << say(*viewer->process);
    viewer->process->signal(number);
    const auto exit = viewer->process->wait_exit(seconds(5));
    ASSERT_TRUE(exit) << "signal " << number;
    EXPECT_EQ(exit->code, 0) << say(*viewer->process);
    EXPECT_EQ(reason(*viewer->process), "stopped");
  }
  EXPECT_TRUE(source->process->wait_event(
      "stats", seconds(10), [](const auto& stats) { return stats.value("children", -1) == 0; },
      source->process->event_count()))
      << "viewers that said goodbye are still counted: " << say(*source->process);
}

TEST(EndingTest, ATimeLimitEndsABroadcastForEverybody) {
  const auto source = go_live({}, {"--max-duration", "6"});
  const auto viewer = watch({}, source->invite);
  ASSERT_TRUE(viewer);
  for (Process* node : {source->process.get(), viewer->process.get()}) {
    const auto exit = node->wait_exit(seconds(20));
    ASSERT_TRUE(exit) << say(*node);
    EXPECT_EQ(exit->code, 0) << say(*node);
  }
  EXPECT_EQ(reason(*source->process), "stopped");
  EXPECT_NE(source->process->last_event("notice").value_or(nlohmann::json()).dump().find("limit"),
            std::string::npos);
  EXPECT_EQ(reason(*viewer->process), "source_ended");
}

TEST(EndingTest, TheEndOfTheInputEndsTheBroadcast) {
  const auto source = start_node({}, {"broadcast", "--input", "-"}, {}, {.keep_input_open = true});
  ASSERT_TRUE(source);
  SceneWriter scenes(*source, 6 * kFps);
  const std::string invite = invite_of(*source);
  ASSERT_NE(invite, "") << say(*source);
  const auto viewer = watch({}, invite);
  ASSERT_TRUE(viewer);
  const auto exit = source->wait_exit(seconds(20));
  ASSERT_TRUE(exit) << say(*source);
  EXPECT_EQ(exit->code, 0) << say(*source);
  EXPECT_EQ(reason(*source), "input_ended");
  const auto viewer_exit = viewer->process->wait_exit(seconds(10));
  ASSERT_TRUE(viewer_exit) << say(*viewer->process);
  EXPECT_EQ(viewer_exit->code, 0);
  EXPECT_EQ(reason(*viewer->process), "source_ended");
  EXPECT_GE(viewer->reader->pictures().size(), 3u * kFps);
}

TEST(EndingTest, AnInviteOnTheCommandLineIsGoneFromTheProcessListOnceItRuns) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto node = relay({}, source->invite);
  ASSERT_NE(node->invite, "");
  std::ifstream file("/proc/" + std::to_string(node->process->pid()) + "/cmdline");
  const std::string words((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GT(words.size(), source->invite.size()) << "not the process' command line";
  EXPECT_NE(words.find("swarmcast"), std::string::npos);
  EXPECT_EQ(words.find(source->invite.substr(source->invite.find('#') + 1, 16)), std::string::npos);
}

TEST(EndingTest, ASessionSaysWhatKeepsItsMemoryFromOthers) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto memory = source->process->last_event("memory");
  ASSERT_TRUE(memory) << say(*source->process);
  EXPECT_NE(memory->value("text", ""), "");
  EXPECT_TRUE(memory->value("safe", false) || memory->value("fix", "") != "") << memory->dump();
  // What it says of locking is what the kernel says.
  std::ifstream status("/proc/" + std::to_string(source->process->pid()) + "/status");
  std::string all((std::istreambuf_iterator<char>(status)), {});
  const size_t at = all.find("VmLck:");
  ASSERT_NE(at, std::string::npos);
  const size_t whole = all.find("VmSize:");
  EXPECT_EQ((*memory)["locked"] == true,
            std::stol(all.substr(at + 6)) > std::stol(all.substr(whole + 7)) / 2);
}

TEST(EndingTest, AnInviteOnStdinShowsInNoProcessList) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto viewer = start_node({}, {"watch", "-"}, {}, {.input = source->invite + "\n"});
  ASSERT_TRUE(viewer);
  EXPECT_TRUE(viewer->wait_event("stats", seconds(15), [](const auto& stats) {
    return stats["frames"].value("on_time", 0) > kFps;
  })) << say(*viewer);
}

TEST(EndingTest, AViewerWhoseReaderGoesAwaySaysSo) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto viewer = watch({}, source->invite);
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(5, seconds(20))) << say(*viewer->process);
  viewer->reader.reset();
  const auto exit = viewer->process->wait_exit(seconds(10));
  ASSERT_TRUE(exit) << say(*viewer->process);
  EXPECT_EQ(exit->code, 6) << say(*viewer->process);
  EXPECT_EQ(reason(*viewer->process), "output_failed");
}

}  // namespace
}  // namespace swarmcast::test
