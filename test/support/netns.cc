#include "test/support/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace swarmcast::test {
namespace {

constexpr milliseconds kAnswerTime{5'000};
constexpr std::chrono::seconds kEmulatorLimit{1'800};

std::string host_name(size_t host) { return "h" + std::to_string(host); }

}  // namespace

bool inside_namespace(const std::string& network_namespace, const std::function<void()>& work) {
  bool entered = false;
  std::thread([&] {
    const int fd = open(network_namespace.c_str(), O_RDONLY | O_CLOEXEC);
    entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
    if (fd >= 0) close(fd);
    if (entered) work();
  }).join();
  return entered;
}

InterfaceCounters read_counters(const std::string& interface) {
  InterfaceCounters out;
  std::ifstream table("/proc/thread-self/net/dev");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string name;
    uint64_t skipped = 0;
    if (!(fields >> name) || name != interface + ":") continue;
    fields >> out.received_bytes >> out.received_packets;
    for (int column = 0; column < 6; ++column) fields >> skipped;
    fields >> out.sent_bytes >> out.sent_packets;
  }
  return out;
}

std::unique_ptr<Wan> Wan::create(size_t hosts, std::string* why, uint64_t seed) {
  std::unique_ptr<Wan> wan(new Wan);
  wan->emulator_ =
      Process::start({.command = {program("wan-emulator"), "--seed", std::to_string(seed)},
                      .keep_input_open = true,
                      .limit = kEmulatorLimit});
  if (!wan->emulator_) {
    *why = "cannot start " + program("wan-emulator");
    return nullptr;
  }
  for (size_t i = 0; i < hosts; ++i) {
    if (wan->command("host " + host_name(i) + " " + wan->address(i))) continue;
    wan->emulator_->stop();
    *why = "no emulated network here: " + wan->emulator_->text();
    return nullptr;
  }
  for (const auto& answer : wan->emulator_->events("ok")) {
    wan->namespaces_.push_back(answer.value("netns", ""));
  }
  return wan;
}

bool Wan::command(const std::string& line) {
  const size_t before = emulator_->event_count();
  const std::string text = line + "\n";
  if (!emulator_->write_input(text.data(), text.size())) return false;
  const auto answer = emulator_->wait_event("", kAnswerTime, {}, before);
  return answer && (*answer)["event"] == "ok";
}

bool Wan::link(size_t a, size_t b, const std::string& settings) {
  return command("link " + host_name(a) + " " + host_name(b) + " " + settings);
}

bool Wan::path(size_t from, size_t to, const std::string& settings) {
  return command("path " + host_name(from) + " " + host_name(to) + " " + settings);
}

bool Wan::every_link(const std::string& settings) { return command("path * * " + settings); }

bool Wan::cut(size_t a, size_t b, const std::string& state) {
  return command("cut " + host_name(a) + " " + host_name(b) + " " + state);
}

nlohmann::json Wan::stats() { return ask_stats("stats\n"); }

nlohmann::json Wan::host_stats() { return ask_stats("stats hosts\n"); }

nlohmann::json Wan::ask_stats(const std::string& line) {
  const size_t before = emulator_->event_count();
  emulator_->write_input(line.data(), line.size());
  return emulator_->wait_event("stats", kAnswerTime, {}, before).value_or(nlohmann::json());
}

nlohmann::json Wan::path_stats(const nlohmann::json& stats, size_t from, size_t to) {
  if (!stats.is_object()) return {};
  for (const auto& path : stats["paths"]) {
    if (path["from"] == host_name(from) && path["to"] == host_name(to)) return path;
  }
  return {};
}

InterfaceCounters Wan::counters(size_t host) const {
  InterfaceCounters out;
  inside_namespace(namespaces_[host], [&] { out = read_counters("wan0"); });
  return out;
}

}  // namespace swarmcast::test
