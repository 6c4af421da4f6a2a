// The source's own part: numbers, seals, codes and signs frames into the store; makes epochs; signs
// the end.
#pragma once

#include <optional>
#include <vector>

#include "engine/api/options.h"
#include "engine/base/frame.h"
#include "engine/crypto/epochs.h"
#include "engine/crypto/frame_signer.h"
#include "engine/node/stream_trust.h"
#include "engine/repair/fragment_store.h"

namespace swarmcast::node {

class Publisher {
 public:
  Publisher(const CryptoProvider& crypto, crypto::KeySource& keys,
            const StreamDescription& description, bool seal);
  ~Publisher() { crypto_.wipe(key_.bytes); }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  SourceKeyHash key_hash() const;

  // Makes the epoch keys due at `now` known to `trust`; the bodies are for all children. The first
  // call makes the stream itself known.
  std::vector<wire::body::EpochKey> advance(StreamTime now, StreamTrust& trust);
  Instant next_epoch(StreamTime now, Instant local_now) const;

  // Publishes the next frame of its track with `parity` parity fragments, all of them into
  // `store`. nullopt if the frame is not usable (empty, or larger than kMaxFrameSize), or if it
  // follows one that was not: then nothing is until the track's next key frame.
  std::optional<FrameHeader> publish(const EncodedFrame& frame, StreamTime captured, uint8_t parity,
                                     const StreamTrust& trust, repair::FragmentStore& store);

  wire::body::Tombstone tombstone() const;
  // Numbers given so far on the track.
  FrameNumber next_number(TrackId track) const { return next_[track.value()]; }

 private:
  wire::body::Welcome welcome() const;

  const CryptoProvider& crypto_;
  crypto::KeySource& keys_;
  SigningKey key_;
  crypto::FrameSigner signer_;
  crypto::EpochSchedule schedule_;
  StreamDescription description_;
  bool seal_;
  std::array<FrameNumber, kMaxTracks> next_{};
  std::array<StreamTime, kMaxTracks> last_capture_{};
  std::array<bool, kMaxTracks> awaits_key_{};
  // Scratch for one coded frame: at most kMaxFragmentsPerFrame payloads.
  std::vector<uint8_t> coded_;
};

}  // namespace swarmcast::node
