// A file descriptor as FFmpeg's input, readable until it is told to stop.
#pragma once

#include "host/media/av_ptr.h"
#include "host/media/stop_signal.h"

namespace swarmcast::media {

class FdReader {
 public:
  // Closes `fd` at the end if `owned`.
  FdReader(int fd, bool owned, const StopSignal& stop);
  ~FdReader();
  FdReader(const FdReader&) = delete;
  FdReader& operator=(const FdReader&) = delete;

  AVIOContext* avio() { return avio_.get(); }
  bool seekable() const { return seekable_; }
  bool got_anything() const { return got_anything_; }

 private:
  static int read_packet(void* self, uint8_t* out, int size);
  static int64_t seek(void* self, int64_t offset, int whence);

  int fd_;
  bool owned_;
  bool seekable_;
  bool got_anything_ = false;
  const StopSignal& stop_;
  AvioPtr avio_;
};

}  // namespace swarmcast::media
