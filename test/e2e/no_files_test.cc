// No command writes a file anywhere: every system call that could make or change one is watched.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "test/e2e/nodes.h"
#include "test/e2e/screen.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

constexpr const char* kCalls =
    "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,"
    "symlinkat,mknod,mknodat,truncate";

bool is_harmless(const std::string& line) {
  const bool failed = line.find(" = -1 ") != std::string::npos;
  const bool opens = line.find("open") != std::string::npos;
  if (failed) return true;
  if (!opens) return line.find("resumed") != std::string::npos;
  for (const char* writes : {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_TMPFILE"}) {
    if (line.find(writes) == std::string::npos) continue;
    // Devices and the kernel's own tables keep nothing.
    return line.find("\"/dev/") != std::string::npos || line.find("\"/proc/") != std::string::npos;
  }
  return true;
}

class Traced {
 public:
  // strace runs as the grandchild (-D), so that the process we hold is the program itself.
  Traced(const std::string& name, const Words& command, const Words& environment = {})
      : log_(testing::TempDir() + "swarmcast-trace-" + std::to_string(getpid()) + name) {
    // The words of a process that shuts debuggers out can be read only where the tracer is root.
    Words words;
    if (geteuid() != 0) words = {"unshare", "-r"};
    for (const char* word : {"strace", "-D", "-f", "-qq", "-e", kCalls, "-o", log_.c_str(), "env"})
      words.emplace_back(word);
    words.insert(words.end(), environment.begin(), environment.end());
    words.push_back(program("swarmcast"));
    words.insert(words.end(), command.begin(), command.end());
    process = Process::start({.command = words});
  }
  ~Traced() {
    process.reset();
    unlink(log_.c_str());
  }
  // The calls that made or changed something; also counts all that were seen.
  std::string offences(int* seen) const {
    std::ifstream log(log_);
    std::string out;
    for (std::string line; std::getline(log, line); ++*seen) {
      if (!is_harmless(line)) out += line + "\n";
    }
    return out;
  }
  std::unique_ptr<Process> process;

 private:
  std::string log_;
};

TEST(NoFilesTest, TheCheckSeesAFileBeingWritten) {
  EXPECT_FALSE(
      is_harmless(R"(12 openat(AT_FDCWD, "/root/.cache/x", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3)"));
  EXPECT_FALSE(is_harmless(R"(12 mkdir("/tmp/x", 0777) = 0)"));
  EXPECT_TRUE(is_harmless(R"(12 openat(AT_FDCWD, "/lib/x.so", O_RDONLY|O_CLOEXEC) = 3)"));
  EXPECT_TRUE(is_harmless(R"(12 openat(AT_FDCWD, "/dev/null", O_RDWR) = 3)"));
  EXPECT_TRUE(is_harmless(R"(12 openat(AT_FDCWD, "/x", O_RDWR) = -1 ENOENT (No such file))"));
}

TEST(NoFilesTest, BroadcastRelayAndWatchWriteNone) {
  const auto probe = Process::start({.command = {"strace", "-qq", "-o", "/dev/null", "/bin/true"}});
  ASSERT_TRUE(probe);
  if (probe->wait_exit(seconds(10)).value_or(ProcessExit{}).code != 0) {
    GTEST_SKIP() << "strace is not installed or not allowed here";
  }
  const Words common = {"--json", "--listen", "127.0.0.1:0"};
  const auto with_common = [&](Words words) {
    words.insert(words.end(), common.begin(), common.end());
    return words;
  };
  Traced source("source", with_common({"broadcast", "--input", "test"}));
  const std::string invite = invite_of(*source.process);
  ASSERT_NE(invite, "") << say(*source.process);
  Traced middle("relay", with_common({"relay", invite}));
  const std::string relay_invite = invite_of(*middle.process);
  ASSERT_NE(relay_invite, "") << say(*middle.process);
  Traced viewer("viewer", with_common({"watch", relay_invite, "--out", "null"}));
  ASSERT_TRUE(viewer.process->wait_event("stats", seconds(30), [](const auto& stats) {
    return stats["frames"].value("on_time", 0) > kFps;
  })) << say(*viewer.process);
  // With libraries of windows and sound, and nothing that tells them where to keep files.
  const Screen screen;
  std::unique_ptr<Traced> window;
  std::string home = testing::TempDir() + "swarmcast-home-XXXXXX";
  ASSERT_NE(mkdtemp(home.data()), nullptr);  // an empty one: what is there already is not made
  if (screen.display() != "") {
    window = std::make_unique<Traced>(
        "window", with_common({"watch", relay_invite, "--out", "window"}),
        Words{"-u", "XDG_RUNTIME_DIR", "HOME=" + home, "DISPLAY=" + screen.display()});
    ASSERT_TRUE(window->process->wait_event("stats", seconds(30), [](const auto& stats) {
      return stats["latency_ms"].value("p50", 0.0) > 0;
    })) << say(*window->process);
    ASSERT_TRUE(window->process->stop());
    int seen = 0;
    EXPECT_EQ(window->offences(&seen), "");
    EXPECT_GT(seen, 3) << "nothing was traced";
  }
  EXPECT_TRUE(std::filesystem::is_empty(home));
  std::filesystem::remove_all(home);
  for (Traced* node : {&viewer, &middle, &source}) {
    ASSERT_TRUE(node->process->stop());
    int seen = 0;
    EXPECT_EQ(node->offences(&seen), "");
    EXPECT_GT(seen, 3) << "nothing was traced";
  }
}

}  // namespace
}  // namespace swarmcast::test
