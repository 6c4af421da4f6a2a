#include "host/media/fd_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace swarmcast::media {
namespace {

constexpr int kBufferSize = 64 * 1024;  // a pipe's capacity

bool is_regular_file(int fd) {
  struct stat info{};
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

FdReader::FdReader(int fd, bool owned, const StopSignal& stop)
    : fd_(fd), owned_(owned), seekable_(is_regular_file(fd)), stop_(stop) {
  auto* buffer = static_cast<uint8_t*>(av_malloc(kBufferSize));
  avio_.reset(avio_alloc_context(buffer, kBufferSize, 0, this, &FdReader::read_packet, nullptr,
                                 seekable_ ? &FdReader::seek : nullptr));
}

FdReader::~FdReader() {
  avio_.reset();
  if (owned_) close(fd_);
}

int FdReader::read_packet(void* self, uint8_t* out, int size) {
  auto& reader = *static_cast<FdReader*>(self);
  for (;;) {
    if (!reader.stop_.wait_for(reader.fd_, POLLIN)) return AVERROR_EXIT;
    const ssize_t n = read(reader.fd_, out, static_cast<size_t>(size));
    if (n > 0) {
      reader.got_anything_ = true;
      return static_cast<int>(n);
    }
    if (n == 0) return AVERROR_EOF;
    if (errno != EINTR && errno != EAGAIN) return AVERROR(errno);
  }
}

int64_t FdReader::seek(void* self, int64_t offset, int whence) {
  const int fd = static_cast<FdReader*>(self)->fd_;
  if (whence & AVSEEK_SIZE) {
    struct stat info{};
    return fstat(fd, &info) == 0 ? info.st_size : AVERROR(errno);
  }
  const off_t at = lseek(fd, offset, whence & ~AVSEEK_FORCE);
  return at < 0 ? AVERROR(errno) : at;
}

}  // namespace swarmcast::media
