#include "host/platform/private_process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace swarmcast::platform {
namespace {

// The kernel's own account of what is locked, in KiB.
long locked_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmLck:")) return std::stol(line.substr(6));
  return -1;
}

// In processes of their own: what is tested cannot be taken back.
bool forbids_inspection() {
  const bool said = forbid_inspection();
  rlimit core{.rlim_cur = 1, .rlim_max = 1};
  getrlimit(RLIMIT_CORE, &core);
  return said && prctl(PR_GET_DUMPABLE) == 0 && core.rlim_cur == 0 && core.rlim_max == 0;
}

TEST(PrivateProcessTest, LeavesNoCoreAndLetsNobodyIn) {
  EXPECT_EXIT(_exit(forbids_inspection() ? 0 : 1), testing::ExitedWithCode(0), "");
}

TEST(PrivateProcessTest, SaysWhetherEverythingIsLocked) {
  EXPECT_EXIT(_exit(lock_all_memory() == (locked_kib() > 0) ? 0 : 1), testing::ExitedWithCode(0),
              "");
}

TEST(PrivateProcessTest, WipesArgumentsButTheName) {
  char name[] = "swarmcast";
  char command[] = "watch";
  char invite[] = "swarmcast:secret";
  char* argv[] = {name, command, invite};
  wipe_arguments(argv);
  EXPECT_STREQ(name, "swarmcast");
  EXPECT_EQ(std::string(command, sizeof command), std::string(sizeof command, '\0'));
  EXPECT_EQ(std::string(invite, sizeof invite), std::string(sizeof invite, '\0'));
}

TEST(PrivateProcessTest, WipesAStringToItsCapacity) {
  std::string text(64, 's');
  char* const memory = text.data();
  text.resize(3);
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.data(), memory);
  EXPECT_EQ(std::string(memory, 64), std::string(64, '\0'));
}

}  // namespace
}  // namespace swarmcast::platform
