#include "sim/world/huge_pages.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace swarmcast::sim {
namespace {

constexpr uintptr_t kHugePage = 2 << 20;

}  // namespace

void allocate_from_huge_pages(size_t bytes) {
  // All of it from the one heap, which keeps what was freed.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  void* const heap = std::malloc(bytes);
  const auto begin = (reinterpret_cast<uintptr_t>(heap) + kHugePage - 1) / kHugePage * kHugePage;
  const auto end = reinterpret_cast<uintptr_t>(heap) + bytes;
  if (heap && begin < end)
    (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  std::free(heap);
}

}  // namespace swarmcast::sim
