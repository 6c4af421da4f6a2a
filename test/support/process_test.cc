#include "test/support/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

std::unique_ptr<Process> shell(const std::string& script) {
  return Process::start({.command = {"/bin/sh", "-c", script}});
}

TEST(ProcessTest, EventsOfBothStreamsAndTextApart) {
  const auto process = shell(
      R"(echo '{"event":"a","n":1}'; echo '{"event":"b"}' >&2; echo sorry >&2; echo '{"broken';
         echo '{"event":"a","n":2}'; exit 3)");
  ASSERT_TRUE(process);
  const auto second =
      process->wait_event("a", seconds(5), [](const auto& e) { return e["n"] == 2; });
  ASSERT_TRUE(second);
  EXPECT_TRUE(process->wait_event("b", seconds(5)));
  const auto exit = process->wait_exit(seconds(5));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 3);
  EXPECT_EQ(exit->signal, 0);
  EXPECT_NE(process->text().find("sorry"), std::string::npos);
  EXPECT_NE(process->text().find("{\"broken"), std::string::npos);
  EXPECT_EQ(process->events("a").size(), 2u);
  EXPECT_EQ((*process->last_event("a"))["n"], 2);
  EXPECT_TRUE(process->arrival_us("a"));
  EXPECT_FALSE(process->arrival_us("c"));
}

TEST(ProcessTest, WaitingForWhatCannotComeEndsEarly) {
  const auto process = shell("exit 0");
  ASSERT_TRUE(process);
  const int64_t begin = monotonic_us();
  EXPECT_FALSE(process->wait_event("never", seconds(30)));
  EXPECT_LT(monotonic_us() - begin, 5'000'000);
}

TEST(ProcessTest, WaitTimesOut) {
  const auto process = shell("echo '{\"event\":\"a\"}'; sleep 60");
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->wait_event("a", seconds(5)));
  EXPECT_FALSE(process->wait_event("a", milliseconds(20), {}, process->event_count()));
  EXPECT_FALSE(process->wait_exit(milliseconds(20)));
}

TEST(ProcessTest, SignalsAndTheTimeLimitEndIt) {
  const auto killed = shell("sleep 60");
  ASSERT_TRUE(killed);
  killed->signal(SIGKILL);
  EXPECT_EQ(killed->wait_exit(seconds(5))->signal, SIGKILL);
  const auto stopped = shell("exec sleep 60");
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->stop()->signal, SIGTERM);
  const auto limited = Process::start({.command = {"/bin/sleep", "60"}, .limit = seconds(1)});
  ASSERT_TRUE(limited);
  EXPECT_EQ(limited->wait_exit(seconds(10))->signal, SIGALRM);
}

TEST(ProcessTest, NothingOutlivesTheObject) {
  auto process = Process::start({.command = {"/bin/sleep", "60"}});
  ASSERT_TRUE(process);
  const pid_t pid = process->pid();
  EXPECT_EQ(kill(pid, 0), 0);
  process.reset();
  EXPECT_NE(kill(pid, 0), 0);
}

TEST(ProcessTest, AGrandchildWithThePipesDoesNotHoldUpTheEnd) {
  auto process = shell("sleep 3 & echo '{\"event\":\"a\"}'; wait");
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->wait_event("a", seconds(5)));
  const int64_t begin = monotonic_us();
  process.reset();
  EXPECT_LT(monotonic_us() - begin, 2'000'000);
}

TEST(ProcessTest, InputIsReadAndEnds) {
  const auto process = Process::start(
      {.command = {"/bin/cat"}, .input = "{\"event\":\"echo\"}\n", .keep_input_open = true});
  ASSERT_TRUE(process);
  EXPECT_TRUE(process->wait_event("echo", seconds(5)));
  EXPECT_TRUE(process->write_input("more\n", 5));
  process->close_input();
  EXPECT_EQ(process->wait_exit(seconds(5))->code, 0);
  EXPECT_EQ(process->text(), "more\n");
  EXPECT_FALSE(process->write_input("x", 1));
}

TEST(ProcessTest, BinaryOutputIsHandedOver) {
  const auto process = Process::start(
      {.command = {"/bin/sh", "-c", "printf 'a\\000b'; echo '{\"event\":\"e\"}' >&2"},
       .binary_output = true});
  ASSERT_TRUE(process);
  EXPECT_TRUE(process->wait_event("e", seconds(5)));
  const int fd = process->take_output();
  char buffer[8];
  EXPECT_EQ(read(fd, buffer, sizeof buffer), 3);
  close(fd);
}

TEST(ProcessTest, CostIsMeasured) {
  const std::string script =
      "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo '{\"event\":\"done\"}'; read x";
  const auto process =
      Process::start({.command = {"/bin/sh", "-c", script}, .keep_input_open = true});
  ASSERT_TRUE(process);
  // Before its first output the child may still be inside exec, with no memory of its own.
  ASSERT_TRUE(process->wait_event("done", seconds(30)));
  const auto anonymous = process->anonymous_kib();
  ASSERT_TRUE(anonymous);
  EXPECT_GT(*anonymous, 20);
  EXPECT_GT(process->cpu_seconds(), 0.005);
  process->close_input();
  ASSERT_TRUE(process->wait_exit(seconds(30)));
  EXPECT_GT(process->cpu_seconds(), 0.005);
  EXPECT_FALSE(process->anonymous_kib());
}

TEST(ProcessTest, AProgramThatIsNotThere) {
  const auto process = Process::start({.command = {"/no/such/program"}});
  ASSERT_TRUE(process);
  EXPECT_EQ(process->wait_exit(seconds(5))->code, 127);
  EXPECT_FALSE(Process::start({.command = {"/bin/true"}, .network_namespace = "/no/such"}));
}

}  // namespace
}  // namespace swarmcast::test
