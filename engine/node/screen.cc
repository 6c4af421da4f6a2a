#include "engine/node/screen.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"
#include "engine/crypto/frame_seal.h"

namespace swarmcast::node {

Screen::Screen(const CryptoProvider& crypto, const chunk::PlayoutOptions& options)
    : crypto_(crypto), playout_(options) {}

void Screen::on_fragment(const repair::FrameState& frame, StreamTime now) {
  if (frame.complete)
    playout_.on_frame_complete(frame.header, now);
  else
    playout_.on_frame_seen(frame.header, now);
}

std::optional<Screen::Opened> Screen::next(StreamTime now, const StreamTrust& trust,
                                           repair::FragmentStore& store) {
  while (const auto release = playout_.next(now)) {
    const repair::FrameState* state = store.frame(release->frame);
    if (!state || !state->complete) continue;  // pushed out of a full ring meanwhile
    const FrameHeader header = state->header;
    const MutableByteSpan sealed = buffer(header.sealed_size);
    if (!store.assemble(header.id, sealed)) continue;
    const MutableByteSpan plain = sealed.first(sealed.size() - kAeadTagSize);
    const crypto::EpochKey* epoch = trust.epochs().find(header.epoch, header.capture);
    if (!epoch || !crypto::open_frame(crypto_, *epoch, trust.source_key(), header, sealed, plain)) {
      ++unopened_;
      if (header.id.track == kVideoTrack) playout_.on_decoder_lost();
      continue;
    }
    if (header.id.track == kVideoTrack) next_wanted_ = header.id.number.next();
    return Opened{.frame = {.track = header.id.track,
                            .number = header.id.number,
                            .index_in_chunk = header.index_in_chunk,
                            .temporal_id = header.temporal_id,
                            .key = header.key,
                            .depends_on = header.depends_on,
                            .capture = header.capture,
                            .payload = plain},
                  .present_at = release->present_at,
                  .show = release->show,
                  .late = release->late};
  }
  return std::nullopt;
}

// Pictures are wiped before their memory is given back.
MutableByteSpan Screen::buffer(size_t size) {
  SWARMCAST_CHECK(size <= kMaxSealedFrameSize);
  if (buffer_.size() < size) {
    wipe();
    buffer_ = std::vector<uint8_t>(std::min(std::bit_ceil(size), kMaxSealedFrameSize));
  }
  return MutableByteSpan(buffer_).first(size);
}

void Screen::wipe() { crypto_.wipe(buffer_); }

}  // namespace swarmcast::node
