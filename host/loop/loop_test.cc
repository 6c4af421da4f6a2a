#include "host/loop/loop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace swarmcast {
namespace {

TEST(LoopTest, TimersFireInOrderAndNeverEarly) {
  Loop loop;
  const Instant start = Loop::now();
  std::vector<int> order;
  auto note = [&](int n, Duration after) {
    order.push_back(n);
    EXPECT_GE(Loop::now(), start + after);
  };
  Loop::Timer second(loop, [&] { note(2, Duration::micros(2'500)); });
  Loop::Timer first(loop, [&] { note(1, Duration::micros(700)); });
  Loop::Timer last(loop, [&] {
    note(3, Duration::micros(4'200));
    loop.quit();
  });
  second.set(start + Duration::micros(2'500));
  first.set(start + Duration::micros(700));
  last.set(start + Duration::micros(4'200));
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(LoopTest, PrecisionIsBetterThanAMillisecond) {
  Loop loop;
  std::vector<Duration> late;
  Instant due;
  Loop::Timer timer(loop, [&] {
    late.push_back(Loop::now() - due);
    if (late.size() == 41) return loop.quit();
    due = Loop::now() + Duration::micros(300);
    timer.set(due);
  });
  due = Loop::now();
  timer.set(due);
  loop.run();
  std::ranges::sort(late);
  EXPECT_LT(late[10], Duration::micros(900)) << "the best quarter is later than a millisecond";
}

TEST(LoopTest, ACancelledTimerDoesNotFireAndAMovedOneFiresOnce) {
  Loop loop;
  int cancelled = 0, moved = 0;
  Loop::Timer a(loop, [&] { ++cancelled; });
  Loop::Timer b(loop, [&] { ++moved; });
  Loop::Timer end(loop, [&] { loop.quit(); });
  const Instant start = Loop::now();
  a.set(start + Duration::millis(1));
  b.set(start + Duration::millis(1));
  b.set(start + Duration::millis(3));
  end.set(start + Duration::millis(6));
  a.cancel();
  loop.run();
  EXPECT_EQ(cancelled, 0);
  EXPECT_EQ(moved, 1);
}

TEST(LoopTest, AnExpiredTimerLeavesTheLoopIdle) {
  Loop loop;
  bool first = false, second = false;
  Loop::Timer a(loop, [&] { first = true; });
  Loop::Timer b(loop, [&] { second = true; });
  a.set(Loop::now());
  while (!first) loop.run_once(true);
  b.set(Loop::now() + Duration::millis(3));
  int iterations = 0;
  for (; !second; ++iterations) loop.run_once(true);
  EXPECT_LE(iterations, 3) << "the loop spins on a timer that has fired";
}

TEST(LoopTest, ATimerMayBeDestroyedByAnother) {
  Loop loop;
  bool fired = false;
  auto victim = std::make_unique<Loop::Timer>(loop, [&] { fired = true; });
  Loop::Timer killer(loop, [&] { victim.reset(); });
  Loop::Timer end(loop, [&] { loop.quit(); });
  const Instant now = Loop::now();
  victim->set(now - Duration::micros(1));
  killer.set(now - Duration::micros(2));  // due in the same iteration, and first
  end.set(now + Duration::millis(2));
  loop.run();
  EXPECT_FALSE(fired);
}

TEST(LoopTest, ADescriptorIsServedWhileItIsReady) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  Loop loop;
  std::string got;
  Loop::FdWatch watch(loop, pair[0], Loop::FdWatch::kReadable, [&](unsigned events) {
    if (events & Loop::FdWatch::kBroken) return loop.quit();
    char c;
    if (read(pair[0], &c, 1) == 1) got += c;
  });
  ASSERT_EQ(write(pair[1], "abc", 3), 3);
  while (got.size() < 3) loop.run_once(true);
  EXPECT_EQ(got, "abc");
  close(pair[1]);
  loop.run();
  close(pair[0]);
}

TEST(LoopTest, AnEventTakesOneIteration) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  Loop loop;
  int events = 0;
  Loop::FdWatch watch(loop, pair[0], Loop::FdWatch::kReadable, [&](unsigned) {
    char c;
    events += read(pair[0], &c, 1) == 1;
  });
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(write(pair[1], "x", 1), 1);
    loop.run_once(true);
    EXPECT_EQ(events, i + 1);
  }
  close(pair[0]);
  close(pair[1]);
}

TEST(LoopTest, WritableIsReportedOnlyWhenAskedFor) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  Loop loop;
  int writable = 0;
  Loop::FdWatch watch(loop, pair[0], 0, [&](unsigned) { ++writable; });
  loop.run_once(false);
  EXPECT_EQ(writable, 0);
  watch.set_events(Loop::FdWatch::kWritable);
  loop.run_once(true);
  EXPECT_EQ(writable, 1);
  close(pair[0]);
  close(pair[1]);
}

TEST(LoopTest, TasksFromOtherThreadsRunHereInTheirOrder) {
  Loop loop;
  constexpr int kEach = 2'000;
  std::vector<int> last(3, -1);
  int total = 0;
  bool ordered = true;
  const auto home = std::this_thread::get_id();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        loop.post([&, t, i] {
          ordered = ordered && last[t] == i - 1 && std::this_thread::get_id() == home;
          last[t] = i;
          if (++total == 3 * kEach) loop.quit();
        });
      }
    });
  }
  loop.run();
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(ordered);
  EXPECT_EQ(total, 3 * kEach);
}

TEST(LoopTest, ATaskPostedByATaskRunsToo) {
  Loop loop;
  int depth = 0;
  std::function<void()> again = [&] { ++depth < 5 ? loop.post(again) : loop.quit(); };
  loop.post(again);
  loop.run();
  EXPECT_EQ(depth, 5);
}

TEST(LoopTest, SignalsArriveAsCallbacks) {
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  {
    Loop loop;
    std::vector<int> got;
    loop.watch_signals({SIGHUP, SIGTERM}, [&](int number) {
      got.push_back(number);
      if (got.size() == 2) loop.quit();
    });
    raise(SIGTERM);
    raise(SIGHUP);
    loop.run();
    std::ranges::sort(got);
    EXPECT_EQ(got, (std::vector<int>{SIGHUP, SIGTERM}));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace swarmcast
