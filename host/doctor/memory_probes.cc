#include "host/doctor/memory_probes.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "host/doctor/storage.h"

namespace swarmcast::doctor {
namespace {

constexpr const char* kLockAll =
    "echo '* - memlock unlimited' | sudo tee /etc/security/limits.d/swarmcast.conf    (then log "
    "out and in again)";

// The ring that a session locks.
constexpr uint64_t kLockedMemory = 8 << 20;
constexpr int kCapIpcLock = 14;  // capabilities(7)

std::optional<uint64_t> parse_number(std::string_view text, int base = 10) {
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// The soft limit of /proc/self/limits in bytes; the largest number is "unlimited".
std::optional<uint64_t> soft_limit(const Machine& machine, std::string_view name) {
  for (const std::string& line : split_lines(machine.read("/proc/self/limits").value_or(""))) {
    if (!line.starts_with(name)) continue;
    const auto words = split_words(std::string_view(line).substr(name.size()));
    if (words.empty()) return std::nullopt;
    if (words[0] == "unlimited") return std::numeric_limits<uint64_t>::max();
    return parse_number(words[0]);
  }
  return std::nullopt;
}

std::string status_field(const Machine& machine, std::string_view name) {
  for (const std::string& line : split_lines(machine.read("/proc/self/status").value_or(""))) {
    const auto words = split_words(line);
    if (words.size() >= 2 && words[0] == name) return words[1];
  }
  return "";
}

bool has_capability(const Machine& machine, int number) {
  return parse_number(status_field(machine, "CapEff:"), 16).value_or(0) >> number & 1;
}

std::string names_of(const std::vector<SwapArea>& areas) {
  std::string out;
  for (const SwapArea& area : areas) out += (out.empty() ? "" : ", ") + area.name;
  return out;
}

}  // namespace

Finding examine_memory_lock(const Machine& machine) {
  Finding out{.id = "memory-lock"};
  const auto limit = soft_limit(machine, "Max locked memory");
  if (has_capability(machine, kCapIpcLock) || limit == std::numeric_limits<uint64_t>::max()) {
    out.state = State::kOk;
    out.title = "swarmcast may keep all of its memory out of the swap";
    return out;
  }
  if (limit.value_or(0) >= kLockedMemory) {
    const bool clear = swaps_in_the_clear(swap_areas(machine));
    out.state = clear ? State::kWarning : State::kOk;
    out.title = "swarmcast may keep the stream's ring, but not all memory, out of the swap";
    if (!clear) return out;
    out.detail = "Keys, and pictures that are being shown, could be swapped out to the disk.";
    out.fix = kLockAll;
    return out;
  }
  if (!limit) {
    out.title = "Cannot tell how much memory may be kept out of the swap";
    return out;
  }
  out.state = swaps_in_the_clear(swap_areas(machine)) ? State::kProblem : State::kWarning;
  out.title = "Only " + std::to_string(*limit >> 10) +
              " KiB of memory may be locked; swarmcast needs " +
              std::to_string(kLockedMemory >> 10) + " KiB";
  out.detail = out.state == State::kProblem
                   ? "Pictures and sound could be swapped out to the disk and stay there."
                   : "Should a swap be added, pictures and sound could be written to it.";
  out.fix = kLockAll;
  return out;
}

Finding judge_own_memory(const Machine& machine, bool all_locked) {
  Finding out{.id = "memory", .state = State::kOk};
  const auto areas = swap_areas(machine);
  if (all_locked) {
    out.title = "All memory is kept out of the swap, core dumps and debuggers.";
  } else if (machine.exists("/proc/swaps") && !swaps_in_the_clear(areas)) {
    out.title =
        "Memory is kept out of core dumps and debuggers, and no disk in the clear is "
        "swapped to.";
  } else {
    out.state = State::kWarning;
    out.title = areas.empty()
                    ? "This machine may write keys and pictures to a swap."
                    : "This machine may write keys and pictures to a swap in the clear: " +
                          names_of(areas) + ".";
    out.detail = "They could be found on that disk after the broadcast.";
    out.fix = kLockAll;
  }
  return out;
}

Finding examine_swap(const Machine& machine) {
  Finding out{.id = "swap"};
  if (!machine.exists("/proc/swaps")) {
    out.title = "Cannot tell whether there is a swap";
    return out;
  }
  const auto areas = swap_areas(machine);
  const auto all = [&](Protection protection) {
    return std::ranges::all_of(areas, [&](const auto& a) { return a.protection == protection; });
  };
  if (!swaps_in_the_clear(areas)) {
    out.state = State::kOk;
    out.title = areas.empty()                 ? "No swap: memory is never written to a disk"
                : all(Protection::kInMemory)  ? "The swap is compressed memory, not a disk"
                : all(Protection::kEncrypted) ? "The swap is encrypted"
                                              : "The swap is encrypted or in memory";
    return out;
  }
  out.state = State::kWarning;
  out.title = "Memory can be swapped out to a disk in the clear: " + names_of(areas);
  out.detail =
      "What swarmcast cannot lock in memory could be found on that disk after the broadcast.";
  out.fix = "sudo swapoff -a    (until the next start; encrypt or remove the swap for good)";
  return out;
}

Finding examine_hibernation(const Machine& machine) {
  Finding out{.id = "hibernation", .state = State::kOk};
  const auto can = split_words(machine.read("/sys/power/state").value_or(""));
  const std::string mode = machine.read_word("/sys/power/disk").value_or("");
  const bool supported =
      std::ranges::find(can, "disk") != can.end() && mode.find("[disabled]") == mode.npos;
  const auto areas = swap_areas(machine);
  const bool has_disk = std::ranges::any_of(
      areas, [](const SwapArea& area) { return area.protection != Protection::kInMemory; });
  const bool masked =
      machine.link_target("/etc/systemd/system/hibernate.target").value_or("") == "/dev/null";
  if (!supported || !has_disk) {
    out.title = "This machine does not hibernate";
  } else if (masked) {
    out.title = "Hibernation is switched off";
  } else if (!swaps_in_the_clear(areas)) {
    out.title = "Hibernation would write memory to an encrypted disk only";
  } else {
    out.state = State::kWarning;
    out.title = "Hibernating would write all memory to the disk in the clear";
    out.detail = "A laptop may hibernate by itself when its battery runs low.";
    out.fix =
        "sudo systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target";
  }
  return out;
}

Finding examine_core_dumps(const Machine& machine) {
  Finding out{.id = "core-dumps"};
  const auto pattern = machine.read_word("/proc/sys/kernel/core_pattern");
  const auto limit = soft_limit(machine, "Max core file size");
  if (!pattern || !limit) {
    out.title = "Cannot tell whether a crash would be saved to a file";
    return out;
  }
  // A program on the other end of a pipe gets the core whatever the limit says (core(5)).
  if (pattern->starts_with('|')) {
    out.state = State::kWarning;
    const std::string program =
        split_words(pattern->substr(1)).empty() ? "a program" : split_words(pattern->substr(1))[0];
    out.title = "A crash would be handed to " + program;
    out.detail = "It may keep a copy of swarmcast's memory on the disk.";
    out.fix = program.find("systemd-coredump") != program.npos
                  ? "sudo mkdir -p /etc/systemd/coredump.conf.d && printf "
                    "'[Coredump]\\nStorage=none\\n' | sudo tee "
                    "/etc/systemd/coredump.conf.d/swarmcast.conf"
                  : "sudo sysctl -w kernel.core_pattern=core    (until the next start)";
    return out;
  }
  if (*limit > 0) {
    out.state = State::kWarning;
    out.title = "A crash would save swarmcast's memory to a file";
    out.detail = "Core dumps are switched on in this terminal.";
    out.fix = "ulimit -c 0    (in this terminal, before you start swarmcast)";
    return out;
  }
  out.state = State::kOk;
  out.title = "A crash leaves no copy of memory behind";
  return out;
}

Finding examine_debuggers(const Machine& machine) {
  Finding out{.id = "debuggers"};
  const std::string tracer = status_field(machine, "TracerPid:");
  if (!tracer.empty() && tracer != "0") {
    out.state = State::kWarning;
    out.title = "Another program (process " + tracer + ") is watching this one's memory";
    out.detail = "A debugger or tracer can read keys and pictures.";
    out.fix = "ps -p " + tracer + "    (shows which; end it if you did not start it)";
    return out;
  }
  const auto scope =
      parse_number(machine.read_word("/proc/sys/kernel/yama/ptrace_scope").value_or("none"));
  if (scope && *scope > 0) {
    out.state = State::kOk;
    out.title = "Your other programs cannot look into swarmcast's memory";
    return out;
  }
  out.state = State::kWarning;
  out.title = "Any program of yours can look into swarmcast's memory";
  out.detail = "A malicious program under your name could read keys and pictures while you stream.";
  out.fix = scope ? "sudo sysctl -w kernel.yama.ptrace_scope=1    (until the next start)"
                  : "This kernel lacks the protection (Yama); run nothing you do not trust beside "
                    "swarmcast.";
  return out;
}

Finding examine_memory_wiping(const Machine& machine) {
  Finding out{.id = "memory-wiping"};
  std::optional<bool> on;
  for (const std::string& word : split_words(machine.read("/proc/cmdline").value_or(""))) {
    if (word.starts_with("init_on_free=")) on = word.back() == '1' || word.back() == 'y';
  }
  if (!on) {  // the kernel's own default
    const std::string release = machine.read_word("/proc/sys/kernel/osrelease").value_or("");
    const auto found =
        machine.find_line("/boot/config-" + release, "CONFIG_INIT_ON_FREE_DEFAULT_ON");
    if (found) on = found->ends_with("=y");
  }
  if (on == true) {
    out.state = State::kOk;
    out.title = "The kernel wipes memory as soon as a program gives it back";
    return out;
  }
  out.state = on ? State::kWarning : State::kUnknown;
  out.title = on ? "The kernel does not wipe memory that programs give back"
                 : "Cannot tell whether the kernel wipes memory that programs give back";
  out.detail =
      "swarmcast wipes its own memory; copies in the kernel's network buffers stay until they are "
      "overwritten.";
  if (!on) return out;
  out.fix =
      "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&init_on_free=1 /' /etc/default/grub && sudo "
      "update-grub    (then restart the machine; costs a few percent of speed)";
  return out;
}

}  // namespace swarmcast::doctor
