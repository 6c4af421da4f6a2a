// CHECK: our own fault is a crash. A peer's fault is a value, never a CHECK.
#pragma once

namespace swarmcast {

// Supplied by the host (host/platform, wasm): reports and ends the process, after wiping.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace swarmcast

#define SWARMCAST_CHECK(condition)                               \
  do {                                                           \
    if (!(condition)) [[unlikely]]                               \
      ::swarmcast::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

#ifdef NDEBUG
#define SWARMCAST_DCHECK(condition) \
  do {                              \
    if (false) (void)(condition);   \
  } while (false)
#else
#define SWARMCAST_DCHECK(condition) SWARMCAST_CHECK(condition)
#endif
