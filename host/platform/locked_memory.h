// A region of RAM for media: locked where the system lets us, left out of core dumps, wiped at the
// end.
#pragma once

#include "engine/base/bytes.h"

namespace swarmcast::platform {

class LockedMemory {
 public:
  // `size` is rounded up to whole pages; CHECK-fails if there is no memory at all.
  explicit LockedMemory(size_t size);
  ~LockedMemory();
  LockedMemory(const LockedMemory&) = delete;
  LockedMemory& operator=(const LockedMemory&) = delete;

  MutableByteSpan bytes() const { return bytes_; }
  // False if the system's limit on locked memory was too low: the region may reach the swap.
  bool locked() const { return locked_; }

 private:
  MutableByteSpan bytes_;
  bool locked_ = false;
};

}  // namespace swarmcast::platform
