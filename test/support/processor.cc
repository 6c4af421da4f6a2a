#include "test/support/processor.h"

#include <fstream>
#include <string>

namespace swarmcast::test {

Ticks read_ticks() {
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;
  Ticks out;
  // user nice system idle iowait irq softirq steal (proc_stat(5))
  constexpr int kColumns = 8, kIdle = 3, kWaiting = 4;
  for (int column = 0; column < kColumns; ++column) {
    double ticks = 0;
    stat >> ticks;
    out.all += ticks;
    if (column != kIdle && column != kWaiting) out.busy += ticks;
  }
  return out;
}

}  // namespace swarmcast::test
