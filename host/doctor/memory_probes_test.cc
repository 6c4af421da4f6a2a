#include "host/doctor/memory_probes.h"

#include <gtest/gtest.h>

#include "host/doctor/fake_machine_for_test.h"

namespace swarmcast::doctor {
namespace {

constexpr const char* kPlainSwap =
    "Filename\tType\tSize\tUsed\tPriority\n/dev/sda3 partition 1 0 -2\n";
constexpr const char* kNoSwap = "Filename\tType\tSize\tUsed\tPriority\n";

class MemoryProbesTest : public testing::Test {
 protected:
  void limits(const std::string& locked, const std::string& core) {
    fake.file("/proc/self/limits",
              "Limit                     Soft Limit           Hard Limit           Units     \n"
              "Max core file size        " +
                  core +
                  "                    unlimited            bytes\n"
                  "Max locked memory         " +
                  locked + "              8388608              bytes\n");
  }
  void plain_swap() {
    fake.file("/proc/swaps", kPlainSwap).file("/sys/class/block/sda3/size", "1");
  }
  void zram() {
    fake.file("/proc/swaps", "Filename\tType\n/dev/zram0 partition 1 0 100\n");
    fake.file("/sys/class/block/zram0/backing_dev", "none\n");
  }
  const Machine& machine() { return fake.machine; }
  FakeMachine fake;
};

// Whatever is wrong comes with what to do.
void expect(const Finding& finding, State state) {
  EXPECT_EQ(finding.state, state) << finding.title;
  EXPECT_FALSE(finding.id.empty());
  EXPECT_FALSE(finding.title.empty());
  if (state == State::kWarning || state == State::kProblem) {
    EXPECT_FALSE(finding.detail.empty()) << finding.title;
    EXPECT_FALSE(finding.fix.empty()) << finding.title;
  }
}

TEST_F(MemoryProbesTest, MemoryLock) {
  expect(examine_memory_lock(machine()), State::kUnknown);
  limits("8388608", "0");
  expect(examine_memory_lock(machine()), State::kOk);
  limits("unlimited", "0");
  expect(examine_memory_lock(machine()), State::kOk);
  limits("65536", "0");
  expect(examine_memory_lock(machine()), State::kWarning);
  plain_swap();
  expect(examine_memory_lock(machine()), State::kProblem);
  limits("8388608", "0");
  expect(examine_memory_lock(machine()), State::kWarning);  // the ring, but not the keys
  limits("unlimited", "0");
  expect(examine_memory_lock(machine()), State::kOk);
  limits("65536", "0");
  // CAP_IPC_LOCK is above the limit.
  fake.file("/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");
  expect(examine_memory_lock(machine()), State::kOk);
  fake.file("/proc/self/status", "Name:\tx\nCapEff:\t0000000000002000\n");
  expect(examine_memory_lock(machine()), State::kProblem);
}

TEST_F(MemoryProbesTest, OwnMemory) {
  expect(judge_own_memory(machine(), true), State::kOk);
  expect(judge_own_memory(machine(), false), State::kWarning);  // nobody knows
  fake.file("/proc/swaps", kNoSwap);
  expect(judge_own_memory(machine(), false), State::kOk);
  zram();
  expect(judge_own_memory(machine(), false), State::kOk);
  plain_swap();
  expect(judge_own_memory(machine(), true), State::kOk);
  expect(judge_own_memory(machine(), false), State::kWarning);
  EXPECT_NE(judge_own_memory(machine(), false).title.find("/dev/sda3"), std::string::npos);
}

TEST_F(MemoryProbesTest, Swap) {
  expect(examine_swap(machine()), State::kUnknown);
  fake.file("/proc/swaps", kNoSwap);
  expect(examine_swap(machine()), State::kOk);
  zram();
  expect(examine_swap(machine()), State::kOk);
  EXPECT_NE(examine_swap(machine()).title.find("compressed memory"), std::string::npos);
  plain_swap();
  expect(examine_swap(machine()), State::kWarning);
  EXPECT_NE(examine_swap(machine()).title.find("/dev/sda3"), std::string::npos);
}

TEST_F(MemoryProbesTest, Hibernation) {
  expect(examine_hibernation(machine()), State::kOk);
  fake.file("/sys/power/state", "freeze mem disk\n").file("/sys/power/disk", "[platform] reboot\n");
  expect(examine_hibernation(machine()), State::kOk);  // nowhere to write to
  zram();
  expect(examine_hibernation(machine()), State::kOk);
  plain_swap();
  expect(examine_hibernation(machine()), State::kWarning);
  fake.file("/sys/power/disk", "[disabled]\n");
  expect(examine_hibernation(machine()), State::kOk);
  fake.file("/sys/power/disk", "[platform]\n");
  fake.link("/etc/systemd/system/hibernate.target", "/dev/null");
  expect(examine_hibernation(machine()), State::kOk);
}

TEST_F(MemoryProbesTest, CoreDumps) {
  expect(examine_core_dumps(machine()), State::kUnknown);
  fake.file("/proc/sys/kernel/core_pattern", "core\n");
  limits("0", "0");
  expect(examine_core_dumps(machine()), State::kOk);
  limits("0", "unlimited");
  expect(examine_core_dumps(machine()), State::kWarning);
  limits("0", "0");
  fake.file("/proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P %u\n");
  expect(examine_core_dumps(machine()), State::kWarning);  // the limit is not asked
  EXPECT_NE(examine_core_dumps(machine()).fix.find("Storage=none"), std::string::npos);
  fake.file("/proc/sys/kernel/core_pattern", "|\n");
  expect(examine_core_dumps(machine()), State::kWarning);
}

TEST_F(MemoryProbesTest, Debuggers) {
  expect(examine_debuggers(machine()), State::kWarning);  // no Yama
  fake.file("/proc/sys/kernel/yama/ptrace_scope", "0\n");
  expect(examine_debuggers(machine()), State::kWarning);
  EXPECT_NE(examine_debuggers(machine()).fix.find("sysctl"), std::string::npos);
  fake.file("/proc/sys/kernel/yama/ptrace_scope", "1\n");
  fake.file("/proc/self/status", "TracerPid:\t0\n");
  expect(examine_debuggers(machine()), State::kOk);
  fake.file("/proc/self/status", "TracerPid:\t4711\n");
  expect(examine_debuggers(machine()), State::kWarning);
  EXPECT_NE(examine_debuggers(machine()).title.find("4711"), std::string::npos);
}

TEST_F(MemoryProbesTest, MemoryWiping) {
  expect(examine_memory_wiping(machine()), State::kUnknown);
  fake.file("/proc/sys/kernel/osrelease", "6.1.0-test\n");
  fake.file("/boot/config-6.1.0-test",
            std::string(200'000, '#') + "\n# CONFIG_INIT_ON_FREE_DEFAULT_ON is not set\n");
  expect(examine_memory_wiping(machine()), State::kWarning);
  fake.file("/proc/cmdline", "quiet init_on_free=1\n");
  expect(examine_memory_wiping(machine()), State::kOk);
  fake.file("/proc/cmdline", "init_on_free=0\n");
  fake.file("/boot/config-6.1.0-test", "CONFIG_INIT_ON_FREE_DEFAULT_ON=y\n");
  expect(examine_memory_wiping(machine()), State::kWarning);  // the command line wins
  fake.file("/proc/cmdline", "quiet\n");
  expect(examine_memory_wiping(machine()), State::kOk);
}

TEST_F(MemoryProbesTest, GarbageIsNoFinding) {
  const std::string garbage("\xff\x00 Max locked memory \n\n|| - - -\nMax locked memory", 47);
  for (const char* path : {"/proc/self/limits", "/proc/self/status", "/proc/swaps", "/proc/cmdline",
                           "/proc/self/mountinfo", "/proc/sys/kernel/core_pattern",
                           "/proc/sys/kernel/yama/ptrace_scope", "/sys/power/state"}) {
    fake.file(path, garbage);
  }
  for (const auto& probe : {examine_memory_lock, examine_swap, examine_hibernation,
                            examine_core_dumps, examine_debuggers, examine_memory_wiping}) {
    EXPECT_NE(probe(machine()).state, State::kProblem);
  }
}

}  // namespace
}  // namespace swarmcast::doctor
