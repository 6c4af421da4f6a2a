// Memory for thousands of engines. Every event is about another one, so with pages of 4 KiB most of
// what it touches is missing from the processor's table of pages, too; with pages of 2 MiB 500
// viewers take a quarter less time.
#pragma once

#include <cstddef>

namespace swarmcast::sim {

// Has the next `bytes` that this process allocates come from huge pages, as far as the system has
// any to give. Nothing is taken before it is used. Once, and before there are threads.
void allocate_from_huge_pages(size_t bytes);

}  // namespace swarmcast::sim
