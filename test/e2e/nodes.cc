#include "test/e2e/nodes.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "host/stamp/stamp.h"

namespace swarmcast::test {
namespace {

constexpr milliseconds kInviteTime{10'000};

void append(Words& to, const Words& more) { to.insert(to.end(), more.begin(), more.end()); }

Picture420 stamped_scene(int number, uint64_t stamp) {
  Picture420 scene = make_scene(number, kWidth, kHeight);
  write_stamp(scene.y(), kWidth, kWidth, kHeight, stamp);
  return scene;
}

}  // namespace

Place place(const Wan& wan, size_t host) {
  return {.network_namespace = wan.network_namespace(host), .address = wan.address(host)};
}

std::unique_ptr<Process> start_node(const Place& place, Words command, const Words& more,
                                    ProcessOptions options) {
  options.network_namespace = place.network_namespace;
  options.command = place.within;
  options.command.push_back(program("swarmcast"));
  append(options.command, command);
  append(options.command, {"--json", "--listen", place.address + ":" + std::to_string(place.port)});
  append(options.command, more);
  return Process::start(options);
}

std::string invite_of(Process& node) {
  const auto event = node.wait_event("invite", kInviteTime);
  return event ? event->value("url", "") : "";
}

SceneWriter::SceneWriter(Process& node, int count)
    : node_(node), thread_([this, count] { run(count); }) {}

void SceneWriter::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void SceneWriter::run(int count) {
  char header[80];
  const int size = std::snprintf(
      header, sizeof header, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n", kWidth, kHeight, kFps);
  node_.write_input(header, static_cast<size_t>(size));
  int64_t due = monotonic_us();
  for (int number = 0; number < count && !stopping_; ++number, due += 1'000'000 / kFps) {
    const timespec when{due / 1'000'000, due % 1'000'000 * 1'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
    const uint64_t stamp = static_cast<uint64_t>(monotonic_us());
    const Picture420 scene = stamped_scene(number, stamp);
    {
      const std::lock_guard lock(mutex_);
      numbers_[stamp] = number;
    }
    if (!node_.write_input("FRAME\n", 6)) break;
    if (!node_.write_input(scene.bytes.data(), scene.bytes.size())) break;
  }
  node_.close_input();
}

double SceneWriter::likeness(const SeenPicture& seen) const {
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = seen.stamp ? numbers_.find(*seen.stamp) : numbers_.end();
    if (found == numbers_.end()) return 0;
    number = found->second;
  }
  const Picture420 scene = stamped_scene(number, *seen.stamp);
  return psnr(seen.thumbnail, shrink(scene.y(), kWidth, kWidth, kHeight));
}

Broadcast::~Broadcast() {
  if (process) process->signal(SIGKILL);  // a writer that waits for it to read goes on
  scenes.reset();
}

std::unique_ptr<Broadcast> go_live(const Place& place, const Words& more, Content content) {
  auto out = std::make_unique<Broadcast>();
  const bool scenes = content == Content::kScenes;
  out->process = start_node(place, {"broadcast", "--input", scenes ? "-" : "test"}, more,
                            {.keep_input_open = scenes});
  if (!out->process) {
    ADD_FAILURE() << "cannot start " << program("swarmcast");
    return out;
  }
  if (scenes) out->scenes = std::make_unique<SceneWriter>(*out->process, 100'000);
  out->invite = invite_of(*out->process);
  EXPECT_NE(out->invite, "") << say(*out->process);
  return out;
}

std::unique_ptr<Viewer> watch(const Place& place, const std::string& invite, const Words& more) {
  auto out = std::make_unique<Viewer>();
  out->started_us = monotonic_us();
  out->process = start_node(place, {"watch", invite, "--out", "-"}, more, {.binary_output = true});
  if (!out->process) {
    ADD_FAILURE() << "cannot start " << program("swarmcast");
    return nullptr;
  }
  out->reader = std::make_unique<NutReader>(out->process->take_output());
  return out;
}

std::unique_ptr<Relay> relay(const Place& place, const std::string& invite, const Words& more) {
  auto out = std::make_unique<Relay>();
  out->process = start_node(place, {"relay", invite}, more);
  if (!out->process) {
    ADD_FAILURE() << "cannot start " << program("swarmcast");
    return out;
  }
  out->invite = invite_of(*out->process);
  EXPECT_NE(out->invite, "") << say(*out->process);
  return out;
}

nlohmann::json last_stats(Process& node) {
  return node.last_event("stats").value_or(nlohmann::json::object());
}

double on_time_share(const nlohmann::json& stats) {
  if (!stats.contains("frames")) return 0;
  const double expected = stats["frames"].value("expected", 0);
  return expected > 0 ? stats["frames"].value("on_time", 0) / expected : 0;
}

Latency glass_to_glass(const std::vector<SeenPicture>& pictures) {
  std::vector<double> ms;
  for (const SeenPicture& picture : pictures) {
    if (picture.stamp) {
      ms.push_back(static_cast<double>(picture.arrived_us - static_cast<int64_t>(*picture.stamp)) /
                   1e3);
    }
  }
  if (ms.empty()) return {};
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double q) { return ms[static_cast<size_t>(q * (ms.size() - 1))]; };
  return {ms.size(), at(0.5), at(0.95), at(0.99), ms.back()};
}

std::string to_string(const Latency& l) {
  char text[120];
  std::snprintf(text, sizeof text, "%zu pictures, ms p50 %.1f p95 %.1f p99 %.1f max %.1f", l.count,
                l.p50, l.p95, l.p99, l.max);
  return text;
}

std::string say(Process& node) {
  std::string out = "it said: " + node.text();
  for (const char* event : {"stats", "notice", "ended"}) {
    if (const auto last = node.last_event(event)) out += "\n" + last->dump();
  }
  return out;
}

}  // namespace swarmcast::test
