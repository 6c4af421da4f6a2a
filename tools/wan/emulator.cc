#include "tools/wan/emulator.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace swarmcast::wan {
namespace {

using nlohmann::json;

constexpr uint64_t kStdinTag = 1'000, kTimerTag = 1'001, kSignalTag = 1'002;  // else: a host
constexpr int kPacketsPerTurn = 64;  // read from one host before others and releases get a turn
constexpr size_t kMaxLine = 4'096;

Instant now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return Instant::from_us(t.tv_sec * 1'000'000 + t.tv_nsec / 1'000);
}

void print(const json& object) {
  std::puts(object.dump().c_str());
  std::fflush(stdout);
}

void watch(int epoll, int fd, uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

json to_json(const Host& host, Instant at, uint64_t unread_drops) {
  return {{"name", host.name},
          {"bytes_sent", host.bytes_sent},
          {"uplink_drops", host.uplink_drops},
          {"uplink_wait_us", host.uplink.waiting(at).us()},
          {"downlink_drops", host.downlink_drops},
          {"unroutable", host.unroutable},
          {"untranslated", host.untranslated},
          {"unread_drops", unread_drops}};
}

json to_json(const Host& from, const Host& to, const PathCounters& c) {
  return {{"from", from.name},
          {"to", to.name},
          {"packets_in", c.packets_in},
          {"bytes_in", c.bytes_in},
          {"packets_out", c.packets_out},
          {"bytes_out", c.bytes_out},
          {"lost", c.lost},
          {"loss_runs", c.loss_runs},
          {"queue_drops", c.queue_drops},
          {"cut_drops", c.cut_drops},
          {"large_in", c.large_in},
          {"large_lost", c.large_lost}};
}

}  // namespace

Emulator::Emulator(uint64_t seed) : network_(seed) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGTERM);
  sigaddset(&mask, SIGINT);
  sigprocmask(SIG_BLOCK, &mask, nullptr);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  signals_ = signalfd(-1, &mask, SFD_CLOEXEC);
  watch(epoll_, STDIN_FILENO, kStdinTag);
  watch(epoll_, timer_, kTimerTag);
  watch(epoll_, signals_, kSignalTag);
}

Emulator::~Emulator() {
  close(signals_);
  close(timer_);
  close(epoll_);
}

std::optional<std::string> Emulator::make_interface(size_t host) {
  std::string why;
  std::optional<TunHost> tun = TunHost::create(network_.hosts()[host].address, &why);
  if (!tun) return why;
  watch(epoll_, tun->tun(), host);
  tuns_.push_back(std::move(*tun));
  return std::nullopt;
}

bool Emulator::run_line(const std::string& line) {
  const size_t hosts_before = tuns_.size();
  json answer = {{"event", "ok"}};
  CommandHooks hooks;
  hooks.make_interface = [this](size_t host) { return make_interface(host); };
  std::optional<bool> wants_paths;
  hooks.print_stats = [&](bool with_paths) { wants_paths = with_paths; };
  if (const auto error = run_command(network_, now(), line, hooks)) {
    print({{"event", "error"}, {"message", *error}});
    return false;
  }
  if (wants_paths) {
    print_stats(*wants_paths);
    return true;
  }
  if (tuns_.size() > hosts_before) {
    answer["host"] = network_.hosts().back().name;
    answer["netns"] = "/proc/" + std::to_string(getpid()) + "/fd/" +
                      std::to_string(tuns_.back().network_namespace());
    answer["interface"] = kInterfaceName;
  }
  print(answer);
  return true;
}

bool Emulator::read_commands() {
  char buffer[kMaxLine];
  const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
  if (n <= 0) return false;
  pending_.append(buffer, static_cast<size_t>(n));
  for (size_t end; (end = pending_.find('\n')) != std::string::npos;) {
    run_line(pending_.substr(0, end));
    pending_.erase(0, end + 1);
  }
  return pending_.size() < kMaxLine;
}

void Emulator::read_packets(size_t host) {
  uint8_t packet[kMtu];
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    const ssize_t n = read(tuns_[host].tun(), packet, sizeof packet);
    if (n <= 0) return;
    network_.offer(now(), host, ByteSpan(packet, static_cast<size_t>(n)));
  }
}

void Emulator::release_due() {
  while (const auto delivery = network_.release(now())) {
    // A full receiver drops, as an interface does; the kernel counts it there.
    [[maybe_unused]] const ssize_t n =
        write(tuns_[delivery->host].tun(), delivery->packet.data(), delivery->packet.size());
  }
}

void Emulator::arm_timer() {
  const Instant next = network_.next_release();
  if (next == armed_for_) return;
  armed_for_ = next;
  itimerspec when{};  // zero disarms
  if (!next.is_never()) {
    when.it_value.tv_sec = next.us() / 1'000'000;
    when.it_value.tv_nsec = next.us() % 1'000'000 * 1'000;
  }
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void Emulator::run() {
  for (;;) {
    arm_timer();
    epoll_event events[32];
    const int n = epoll_wait(epoll_, events, 32, -1);
    for (int i = 0; i < n; ++i) {
      const uint64_t tag = events[i].data.u64;
      release_due();
      if (tag == kSignalTag) return;
      if (tag == kStdinTag) {
        if (!read_commands()) return;
      } else if (tag == kTimerTag) {
        uint64_t expirations = 0;
        [[maybe_unused]] const ssize_t got = read(timer_, &expirations, sizeof expirations);
        armed_for_ = Instant::never();
      } else {
        read_packets(tag);
      }
    }
    release_due();
  }
}

void Emulator::print_stats(bool with_paths) const {
  json paths = json::array(), hosts = json::array();
  uint64_t packets = 0, lost = 0, queue_drops = 0;
  for (size_t from = 0; from < network_.hosts().size(); ++from) {
    const Host& host = network_.hosts()[from];
    hosts.push_back(to_json(host, now(), from < tuns_.size() ? tuns_[from].unread_drops() : 0));
    for (size_t to = 0; to < network_.hosts().size(); ++to) {
      const PathCounters& c = network_.path(from, to).counters;
      packets += c.packets_in;
      lost += c.lost;
      queue_drops += c.queue_drops;
      if (with_paths && c.packets_in > 0) paths.push_back(to_json(host, network_.hosts()[to], c));
    }
  }
  const Lateness& late = network_.lateness();
  print({{"event", "stats"},
         {"paths", paths},
         {"hosts", hosts},
         {"all_paths", {{"packets_in", packets}, {"lost", lost}, {"queue_drops", queue_drops}}},
         {"lateness",
          {{"releases", late.releases},
           {"over_1ms", late.over_1ms},
           {"worst_us", late.worst.us()},
           {"overflow", late.overflow}}}});
}

}  // namespace swarmcast::wan
