// The one file that the simulator ever writes, and only where its user says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace swarmcast::sim {

class ReportFile {
 public:
  // Makes sure that it can be written before a long run begins: creates it, or leaves what is in
  // it until write(). nullopt: it cannot, and `why` says so in a sentence. Anything but a regular
  // file is refused.
  static std::optional<ReportFile> open(const std::string& path, std::string& why);
  ReportFile(ReportFile&& other) noexcept : fd_(other.fd_), path_(std::move(other.path_)) {
    other.fd_ = -1;
  }
  ReportFile& operator=(ReportFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    return *this;
  }
  ~ReportFile();

  // In place of what it held. False: it is not whole, and `why` says what is wrong.
  bool write(std::string_view text, std::string& why);

 private:
  ReportFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::string path_;
};

}  // namespace swarmcast::sim
