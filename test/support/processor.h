// How busy the machine is, by the kernel's count.
#pragma once

namespace swarmcast::test {

// Of all processors since the start of the machine: at work, and in all.
struct Ticks {
  double busy = 0, all = 0;
};

Ticks read_ticks();

}  // namespace swarmcast::test
