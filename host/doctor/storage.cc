#include "host/doctor/storage.h"

#include <algorithm>
#include <optional>

namespace swarmcast::doctor {
namespace {

// Crypt on LVM on RAID on partitions is four; a loop of links ends here.
constexpr int kMaxLayers = 8;

Protection protection_of_layer(const Machine& machine, const std::string& folder, int layer) {
  if (layer == kMaxLayers || !machine.exists(folder)) return Protection::kUnknown;
  const std::string name = folder.substr(folder.rfind('/') + 1);
  if (name.starts_with("zram")) {
    // A zram device may push what it cannot hold to a disk.
    const auto backing = machine.read_word(folder + "/backing_dev");
    return !backing || *backing == "none" ? Protection::kInMemory : Protection::kUnknown;
  }
  if (name.starts_with("ram")) return Protection::kInMemory;
  if (machine.read_word(folder + "/dm/uuid").value_or("").starts_with("CRYPT-"))
    return Protection::kEncrypted;
  const auto below = machine.list(folder + "/slaves");
  if (below.empty()) return name.starts_with("loop") ? Protection::kUnknown : Protection::kPlain;
  Protection out = Protection::kEncrypted;
  for (const std::string& device : below) {
    const auto part = protection_of_layer(machine, "/sys/class/block/" + device, layer + 1);
    if (part == Protection::kPlain) return part;
    if (part != Protection::kEncrypted) out = Protection::kUnknown;
  }
  return out;
}

struct Mount {
  std::string device;  // MAJOR:MINOR
  std::string type;
  std::string source;
};

bool holds(const std::string& mount_point, const std::string& path) {
  if (mount_point == "/") return true;
  return path.starts_with(mount_point) &&
         (path.size() == mount_point.size() || path[mount_point.size()] == '/');
}

// proc(5): 36 35 98:0 /root /mount/point options [optional ...] - type source superoptions
std::optional<Mount> mount_of(const Machine& machine, const std::string& path) {
  std::optional<Mount> best;
  size_t best_size = 0;
  for (const std::string& line : split_lines(machine.read("/proc/self/mountinfo").value_or(""))) {
    const auto words = split_words(line);
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 5 || words.end() - dash < 3 || !holds(words[4], path)) continue;
    if (best && words[4].size() < best_size) continue;  // a later mount hides an earlier one
    best = Mount{words[2], dash[1], dash[2]};
    best_size = words[4].size();
  }
  return best;
}

// "/dev/mapper/x" is a link to "../dm-0"; the folder of that device under /sys.
std::string folder_of_source(const Machine& machine, const std::string& source) {
  const std::string target = machine.link_target(source).value_or(source);
  return "/sys/class/block/" + target.substr(target.rfind('/') + 1);
}

}  // namespace

Protection protection_of_device(const Machine& machine, const std::string& folder) {
  return protection_of_layer(machine, folder, 0);
}

Protection protection_of_path(const Machine& machine, const std::string& path) {
  const auto mount = mount_of(machine, path);
  if (!mount) return Protection::kUnknown;
  if (mount->type == "tmpfs" || mount->type == "ramfs") return Protection::kInMemory;
  if (mount->type == "ecryptfs") return Protection::kEncrypted;
  const std::string by_number = "/sys/dev/block/" + mount->device;
  if (machine.exists(by_number)) return protection_of_device(machine, by_number);
  // Btrfs and ZFS have numbers of their own; the first names its device, the second does not.
  if (!mount->source.starts_with("/dev/")) return Protection::kUnknown;
  return protection_of_device(machine, folder_of_source(machine, mount->source));
}

std::vector<SwapArea> swap_areas(const Machine& machine) {
  std::vector<SwapArea> out;
  for (const std::string& line : split_lines(machine.read("/proc/swaps").value_or(""))) {
    const auto words = split_words(line);
    if (words.size() < 2 || !words[0].starts_with('/')) continue;  // the heading
    const auto protection =
        words[1] == "file" ? protection_of_path(machine, words[0])
                           : protection_of_device(machine, folder_of_source(machine, words[0]));
    out.push_back({words[0], protection});
  }
  return out;
}

bool swaps_in_the_clear(const std::vector<SwapArea>& areas) {
  return std::ranges::any_of(areas, [](const SwapArea& area) {
    return area.protection == Protection::kPlain || area.protection == Protection::kUnknown;
  });
}

Finding examine_disk(const Machine& machine) {
  Finding out{.id = "disk-encryption"};
  switch (protection_of_path(machine, "/")) {
    case Protection::kEncrypted:
      out.state = State::kOk;
      out.title = "The system's disk is encrypted";
      break;
    case Protection::kInMemory:
      out.state = State::kOk;
      out.title = "The system runs from memory";
      break;
    case Protection::kPlain:
      out.state = State::kWarning;
      out.title = "The system's disk is not encrypted";
      out.detail =
          "swarmcast writes nothing to it, but what the system itself saves (swap, hibernation, "
          "crash reports) could be read by whoever takes this machine.";
      out.fix =
          "Encrypt the disk when you next install the system (the Debian installer calls it "
          "\"encrypted LVM\").";
      break;
    case Protection::kUnknown:
      out.title = "Cannot tell whether the system's disk is encrypted";
      out.detail =
          "Common in containers, on network disks and on ZFS. It matters only for what the system "
          "itself saves: swap, hibernation, crash reports.";
      out.fix = "lsblk -o NAME,TYPE,MOUNTPOINTS    (\"crypt\" in the column TYPE is encryption)";
      break;
  }
  return out;
}

}  // namespace swarmcast::doctor
