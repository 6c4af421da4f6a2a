// `swarmcast doctor` as people and scripts run it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "host/transport/bound_socket.h"
#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;

struct Examination {
  int code = -1;
  std::string text;
};

Examination examine(const Words& more, const std::string& network_namespace = "") {
  ProcessOptions options{.command = {program("swarmcast"), "doctor"},
                         .network_namespace = network_namespace};
  options.command.insert(options.command.end(), more.begin(), more.end());
  const auto process = Process::start(options);
  EXPECT_TRUE(process);
  const auto exit = process->wait_exit(seconds(30));
  EXPECT_TRUE(exit) << "still running";
  return {exit ? exit->code : -1, process->text()};
}

json finding(const json& report, const std::string& id) {
  for (const json& f : report["findings"])
    if (f["id"] == id) return f;
  ADD_FAILURE() << "no finding " << id << " in " << report.dump(1);
  return {};
}

TEST(DoctorTest, OneJsonObjectWithEveryFinding) {
  const Examination e = examine({"--json", "--listen", "127.0.0.1:0"});
  const json report = json::parse(e.text, nullptr, false);
  ASSERT_TRUE(report.is_object()) << e.text;
  bool problem = false;
  std::set<std::string> ids;
  for (const json& f : report["findings"]) {
    ids.insert(f.value("id", ""));
    const std::string state = f.value("state", "");
    EXPECT_TRUE(std::set<std::string>({"ok", "warning", "problem", "unknown"}).contains(state));
    EXPECT_NE(f.value("title", ""), "");
    EXPECT_TRUE(f.contains("detail") && f.contains("fix"));
    if (state == "problem" || state == "warning") {
      EXPECT_NE(f["detail"], "") << f.dump();
    }
    problem |= state == "problem";
  }
  EXPECT_EQ(e.code, problem ? 7 : 0) << e.text;
  for (const char* id :
       {"media-module", "camera", "display", "sound", "udp-port", "tcp-port", "network", "nat",
        "direct-dial", "other-ways", "memory-lock", "swap", "hibernation", "core-dumps",
        "debuggers", "memory-wiping", "disk-encryption", "clock"}) {
    EXPECT_TRUE(ids.contains(id)) << id;
  }
  EXPECT_EQ(finding(report, "media-module")["state"], "ok");
  EXPECT_EQ(finding(report, "udp-port")["state"], "ok");
  const json& ways = report["reachability"];
  EXPECT_EQ(ways["mapping"], "unknown") << "nobody may be asked";
  EXPECT_EQ(ways["stun"]["asked"], 0);
  for (const char* way : {"direct_dial", "same_network", "hole_punching", "relay"})
    EXPECT_TRUE(ways[way].is_string()) << way;
}

TEST(DoctorTest, WordsForPeopleWithoutColoursInAPipe) {
  const Examination e = examine({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(e.text.find('\x1b'), std::string::npos);
  EXPECT_NE(e.text.find("good     Links: UDP a free port can be opened"), std::string::npos)
      << e.text;
  EXPECT_EQ(e.text.find("Nothing stands in the way") != std::string::npos, e.code == 0) << e.text;
}

// A camera's name, or this one: not with what a terminal would obey.
TEST(DoctorTest, NamesFromOutsideControlNoTerminal) {
  const auto process =
      Process::start({.command = {"env", "DISPLAY=:0\x1b[2J", program("swarmcast"), "doctor"}});
  ASSERT_TRUE(process && process->wait_exit(seconds(30)));
  EXPECT_EQ(process->text().find('\x1b'), std::string::npos) << process->text();
  EXPECT_NE(process->text().find("Screen: "), std::string::npos) << process->text();
}

TEST(DoctorTest, ATakenPortIsAProblemWithAWayOut) {
  const transport::BoundSocket taken(
      Endpoint{.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1}}, SOCK_DGRAM);
  ASSERT_EQ(taken.error(), 0);
  const Examination e =
      examine({"--json", "--listen", "127.0.0.1:" + std::to_string(taken.local().port)});
  EXPECT_EQ(e.code, 7);
  const json f = finding(json::parse(e.text, nullptr, false), "udp-port");
  EXPECT_EQ(f["state"], "problem");
  EXPECT_NE(f["fix"], "");
}

TEST(DoctorTest, WrongOptions) {
  EXPECT_EQ(examine({"--listen", "nowhere"}).code, 2);
  EXPECT_EQ(examine({"--stun"}).code, 2);
  EXPECT_EQ(examine({"--stun", "example.org:"}).code, 2);
  EXPECT_EQ(examine({"--nonsense"}).code, 2);
}

// Without --stun not a packet leaves, and no file is written.
TEST(DoctorTest, AsksNobodyAndWritesNothing) {
  const std::string log = testing::TempDir() + "swarmcast-doctor-" + std::to_string(getpid());
  const auto process =
      Process::start({.command = {"strace", "-D", "-f", "-qq", "-e",
                                  "trace=connect,sendto,sendmsg,sendmmsg,openat,open,creat,mkdir,"
                                  "rename,unlink",
                                  "-o", log, program("swarmcast"), "doctor", "--json"}});
  ASSERT_TRUE(process);
  const auto exit = process->wait_exit(seconds(60));
  ASSERT_TRUE(exit);
  if (exit->code == 127) GTEST_SKIP() << "strace is not installed";
  if (process->text().find("PTRACE") != std::string::npos) GTEST_SKIP() << process->text();
  ASSERT_TRUE(exit->code == 0 || exit->code == 7) << process->text();
  std::ifstream lines(log);
  int seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) {
    if (line.find(" = -1 ") != std::string::npos) continue;
    for (const char* call : {"connect(", "sendto(", "sendmsg(", "sendmmsg("}) {
      // The kernel's own table of addresses (netlink) and programs on this machine are nobody.
      const bool local =
          line.find("AF_NETLINK") != std::string::npos || line.find("AF_UNIX") != std::string::npos;
      EXPECT_TRUE(local || line.find(call) == std::string::npos) << line;
    }
    for (const char* write : {"O_WRONLY", "O_CREAT", "creat(", "mkdir(", "rename(", "unlink("})
      EXPECT_EQ(line.find(write), std::string::npos) << line;
  }
  unlink(log.c_str());
  EXPECT_GT(seen, 10) << "nothing was traced";
}

TEST(DoctorTest, SeesTheNetworkItIsIn) {
  std::string why;
  const auto wan = Wan::create(1, &why);
  if (!wan) GTEST_SKIP() << why;
  const Examination e = examine({"--json"}, wan->network_namespace(0));
  const json report = json::parse(e.text, nullptr, false);
  ASSERT_TRUE(report.is_object()) << e.text;
  EXPECT_EQ(report["reachability"]["same_network"], "likely");
  std::set<std::string> addresses;
  for (const json& a : report["reachability"]["addresses"]) addresses.insert(a["address"]);
  EXPECT_TRUE(addresses.contains(wan->address(0))) << report["reachability"].dump(1);
}

}  // namespace
}  // namespace swarmcast::test
