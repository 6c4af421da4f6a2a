#include "engine/base/check.h"

#include <cstdio>

#include "host/platform/last_wipe.h"

namespace swarmcast {

namespace {
constexpr int kExitInternal = 70;  // EX_SOFTWARE of sysexits.h
}

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "swarmcast: internal error: %s failed at %s:%d\n", expression, file, line);
  platform::wipe_and_exit(kExitInternal);
}

}  // namespace swarmcast
