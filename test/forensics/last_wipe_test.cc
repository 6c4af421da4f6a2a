// Whatever ends a process, nothing of what it held is in its memory when it is gone.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <random>

#include "test/forensics/exit_scan.h"
#include "test/support/process.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

// What the subject fills.
constexpr uint64_t kInUse = 2 << 20;

struct Way {
  const char* name;
  int signal;  // sent to it; 0: it ends by itself
  int code, died_of;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name << " " << way.signal; }

Canary fresh_canary() {
  std::random_device random;
  Canary out{"canary", std::string(32, '\0')};
  for (char& c : out.bytes) c = static_cast<char>(random());
  return out;
}

// Started, with the canary everywhere; nullptr if it did not get that far.
std::unique_ptr<Process> start_subject(const Way& way, const Canary& canary, bool wiping) {
  std::vector<std::string> words = run_where_visible();
  words.insert(words.end(), {program("forensics_subject"), way.name});
  if (!wiping) words.emplace_back("--bare");
  auto out = Process::start({.command = words, .keep_input_open = true});
  if (!out || !out->write_input(canary.bytes.data(), canary.bytes.size())) return nullptr;
  return out->wait_event("ready", seconds(10)) ? std::move(out) : nullptr;
}

class LastWipe : public testing::TestWithParam<Way> {};

TEST_P(LastWipe, LeavesNothingAndEndsAsItWouldHave) {
  const Way& way = GetParam();
  const Canary canary = fresh_canary();
  const auto subject = start_subject(way, canary, true);
  ASSERT_TRUE(subject);
  Autopsy autopsy(subject->pid());
  if (!autopsy.attached()) GTEST_SKIP() << "tracing is not allowed here";
  const auto alive = autopsy.scan_alive({canary});
  ASSERT_TRUE(alive);
  EXPECT_GE(alive->hits.size(), 8u) << "the scan does not see where the canary is";
  EXPECT_GT(alive->not_zero, kInUse);
  ASSERT_TRUE(subject->write_input("!", 1));
  if (way.signal) subject->signal(way.signal);
  const auto dead = autopsy.scan_at_exit({canary}, seconds(20));
  ASSERT_TRUE(dead) << subject->text();
  EXPECT_EQ(dead->hits, std::vector<std::string>{});
  EXPECT_EQ(dead->unreadable, std::vector<std::string>{});
  std::printf("of %lu bytes %lu were not zero, then %lu\n", dead->writable, alive->not_zero,
              dead->not_zero);
  EXPECT_LT(dead->not_zero, kLeftByTheWipe) << "of " << dead->writable;
  const auto exit = subject->wait_exit(seconds(10));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, way.code) << subject->text();
  EXPECT_EQ(exit->signal, way.died_of);
  if (way.code == 7) {
    EXPECT_TRUE(subject->last_event("ending")) << "unwritten output was lost";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ways, LastWipe,
    testing::Values(Way{"return", 0, 7, 0}, Way{"exit", 0, 7, 0}, Way{"thread-exit", 0, 7, 0},
                    Way{"check", 0, 70, 0}, Way{"fault", 0, -1, SIGSEGV},
                    Way{"thread-fault", 0, -1, SIGSEGV}, Way{"two-faults", 0, -1, SIGSEGV},
                    Way{"overflow", 0, -1, SIGSEGV}, Way{"abort", 0, -1, SIGABRT},
                    Way{"terminate", 0, -1, SIGABRT}, Way{"memory", 0, -1, SIGABRT},
                    Way{"hang", 0, -1, SIGALRM}, Way{"signal", SIGTERM, -1, SIGTERM},
                    Way{"signal", SIGINT, -1, SIGINT}, Way{"signal", SIGHUP, -1, SIGHUP},
                    Way{"signal", SIGQUIT, -1, SIGQUIT}, Way{"signal", SIGBUS, -1, SIGBUS},
                    Way{"signal", SIGFPE, -1, SIGFPE}, Way{"signal", SIGILL, -1, SIGILL}));

TEST(LastWipeProof, WithoutItEverythingIsFoundAtTheEnd) {
  for (const char* name : {"return", "abort"}) {
    const Canary canary = fresh_canary();
    const auto subject = start_subject({name, 0, 0, 0}, canary, false);
    ASSERT_TRUE(subject);
    Autopsy autopsy(subject->pid());
    if (!autopsy.attached()) GTEST_SKIP() << "tracing is not allowed here";
    ASSERT_TRUE(subject->write_input("!", 1));
    const auto dead = autopsy.scan_at_exit({canary}, seconds(20));
    ASSERT_TRUE(dead);
    EXPECT_GE(dead->hits.size(), 8u);
    EXPECT_GT(dead->not_zero, kInUse);
  }
}

}  // namespace
}  // namespace swarmcast::test
