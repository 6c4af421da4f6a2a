// Whether what is written to a disk is encrypted there: a guess from the kernel's block devices.
#pragma once

#include <string>
#include <vector>

#include "host/doctor/finding.h"
#include "host/doctor/machine.h"

namespace swarmcast::doctor {

enum class Protection { kEncrypted, kPlain, kInMemory, kUnknown };

// Of the block device with that folder under /sys, e.g. "/sys/class/block/dm-0": encrypted if it
// or everything under it is a dm-crypt device.
Protection protection_of_device(const Machine& machine, const std::string& folder);
// Of the file system that holds `path`, by /proc/self/mountinfo.
Protection protection_of_path(const Machine& machine, const std::string& path);

struct SwapArea {
  std::string name;  // as /proc/swaps has it
  Protection protection = Protection::kUnknown;
};
std::vector<SwapArea> swap_areas(const Machine& machine);
// True if what is swapped out can be read from the disk later, or nobody knows.
bool swaps_in_the_clear(const std::vector<SwapArea>& areas);

Finding examine_disk(const Machine& machine);

}  // namespace swarmcast::doctor
