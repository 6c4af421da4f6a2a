// Sockets made while one lives are of another network namespace.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <string>

#include "engine/base/check.h"

namespace swarmcast::test {

class NamespaceScope {
 public:
  // `path` as of Wan::network_namespace(). Of the calling thread only.
  explicit NamespaceScope(const std::string& path)
      : home_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    SWARMCAST_CHECK(home_ >= 0 && fd >= 0 && setns(fd, CLONE_NEWNET) == 0);
    close(fd);
  }
  ~NamespaceScope() {
    SWARMCAST_CHECK(setns(home_, CLONE_NEWNET) == 0);
    close(home_);
  }
  NamespaceScope(const NamespaceScope&) = delete;

 private:
  int home_;
};

}  // namespace swarmcast::test
