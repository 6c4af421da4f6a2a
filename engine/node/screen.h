// The viewer's own part: frames out of the store, in decode order, opened and timed.
#pragma once

#include <optional>
#include <vector>

#include "engine/api/output.h"
#include "engine/chunk/playout.h"
#include "engine/node/stream_trust.h"
#include "engine/repair/fragment_store.h"

namespace swarmcast::node {

class Screen {
 public:
  Screen(const CryptoProvider& crypto, const chunk::PlayoutOptions& options);
  ~Screen() { wipe(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void on_fragment(const repair::FrameState& frame, StreamTime now);
  void on_time(StreamTime now) { playout_.on_time(now); }

  struct Opened {
    EncodedFrame frame;  // payload valid until the next call
    StreamTime present_at;
    bool show = true;
    bool late = false;
  };
  // The next frame for the decoder, if one is ready.
  std::optional<Opened> next(StreamTime now, const StreamTrust& trust,
                             repair::FragmentStore& store);
  StreamTime next_timeout(StreamTime now) const { return playout_.next_timeout(now); }

  void on_decoder_lost() { playout_.on_decoder_lost(); }
  bool wants_key(StreamTime now) const { return playout_.wants_key(now); }
  Duration playout_delay() const { return playout_.playout_delay(); }
  const FrameCounts& counts() const { return playout_.counts(); }
  // Frames that were complete and would not open: a wrong key, or a source at odds with itself.
  uint64_t unopened() const { return unopened_; }
  // First video frame not yet given to the decoder.
  FrameNumber next_wanted() const { return next_wanted_; }
  void wipe();

 private:
  const CryptoProvider& crypto_;
  chunk::PlayoutBuffer playout_;
  MutableByteSpan buffer(size_t size);

  std::vector<uint8_t>
      buffer_;  // one sealed frame, opened in place; as large as the largest so far
  FrameNumber next_wanted_;
  uint64_t unopened_ = 0;
};

}  // namespace swarmcast::node
