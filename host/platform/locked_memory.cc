#include "host/platform/locked_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "engine/base/check.h"

namespace swarmcast::platform {

LockedMemory::LockedMemory(size_t size) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t rounded = (size + page - 1) / page * page;
  void* region = mmap(nullptr, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SWARMCAST_CHECK(region != MAP_FAILED);
  bytes_ = {static_cast<uint8_t*>(region), rounded};
  // Locked as it is touched: an unused ring costs nothing.
  locked_ = mlock2(region, rounded, MLOCK_ONFAULT) == 0;
  madvise(region, rounded, MADV_DONTDUMP);
}

LockedMemory::~LockedMemory() {
  explicit_bzero(bytes_.data(), bytes_.size());
  munmap(bytes_.data(), bytes_.size());
}

}  // namespace swarmcast::platform
