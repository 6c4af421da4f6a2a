#include "host/platform/private_process.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

namespace swarmcast::platform {
namespace {

bool may_lock_everything() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) return true;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  return sets[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK);
}

}  // namespace

bool forbid_inspection() {
  // The limit alone would not do: it is not asked where core_pattern is a pipe (core(5)).
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  const bool no_core = setrlimit(RLIMIT_CORE, &none) == 0;
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && no_core;
}

bool lock_all_memory() {
  return may_lock_everything() && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

void wipe_arguments(std::span<char*> argv) {
  for (size_t i = 1; i < argv.size(); ++i) explicit_bzero(argv[i], std::strlen(argv[i]));
}

void wipe(std::string& text) {
  text.resize(text.capacity());  // what it held before it shrank as well
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace swarmcast::platform
