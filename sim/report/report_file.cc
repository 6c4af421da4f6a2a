#include "sim/report/report_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace swarmcast::sim {
namespace {

constexpr mode_t kMode = 0644;

std::string cannot(const std::string& path, const std::string& why) {
  return "cannot write the report to '" + path + "': " + why;
}

}  // namespace

std::optional<ReportFile> ReportFile::open(const std::string& path, std::string& why) {
  // Not waiting: a pipe without a reader would have us stand here.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, kMode);
  if (fd < 0) {
    why = cannot(path, std::strerror(errno));
    return std::nullopt;
  }
  ReportFile out(fd, path);
  struct stat info{};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    why = cannot(path, "it is not a file");
    return std::nullopt;
  }
  return out;
}

ReportFile::~ReportFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool ReportFile::write(std::string_view text, std::string& why) {
  bool ok = ftruncate(fd_, 0) == 0;
  while (ok && !text.empty()) {
    const ssize_t n = ::write(fd_, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    ok = n > 0;
    if (ok) text.remove_prefix(static_cast<size_t>(n));
  }
  ok = ok && ::close(std::exchange(fd_, -1)) == 0;
  if (!ok) why = cannot(path_, std::strerror(errno));
  return ok;
}

}  // namespace swarmcast::sim
