// What a node knows of the broadcast and can prove: the source's key, the stream's description, the
// epoch keys, the end. The source fills it with its own statements; everybody else believes only
// what the source has signed. All of it is handed on to children.
#pragma once

#include <optional>
#include <vector>

#include "engine/api/options.h"
#include "engine/base/crypto_provider.h"
#include "engine/crypto/epochs.h"
#include "engine/wire/body.h"
#include "engine/wire/stream_description.h"

namespace swarmcast::node {

class StreamTrust {
 public:
  enum class Verdict {
    kNew,  // believed, and not known before
    kKnown,
    kRefused,      // not the source's, or malformed: the sender is at fault
    kWrongSource,  // another source than the invite's
  };

  StreamTrust(const CryptoProvider& crypto, const SourceKeyHash& expected)
      : crypto_(crypto), expected_(expected), epochs_(crypto) {}
  ~StreamTrust() { wipe(); }
  StreamTrust(const StreamTrust&) = delete;
  StreamTrust& operator=(const StreamTrust&) = delete;

  // The source itself learns its key only after it is made.
  void expect(const SourceKeyHash& hash) { expected_ = hash; }

  Verdict on_welcome(const wire::body::Welcome& welcome);
  Verdict on_epoch_key(const wire::body::EpochKey& body);
  Verdict on_tombstone(const wire::body::Tombstone& body);

  bool known() const { return welcome_.has_value(); }
  bool ended() const { return tombstone_.has_value(); }
  const PublicKey& source_key() const { return welcome_->source_key; }
  const StreamDescription& description() const { return stream_.description; }
  const SourceKeyHash& source_key_hash() const { return expected_; }
  const crypto::EpochRing& epochs() const { return epochs_; }

  // For a child: WELCOME with the address we see it at, and the epoch keys it may need.
  wire::body::Welcome welcome_for(const Endpoint& observed) const;
  const std::vector<wire::body::EpochKey>& epoch_keys() const { return announced_; }
  const std::optional<wire::body::Tombstone>& tombstone() const { return tombstone_; }

  // Forgets epochs that no frame captured at or after `oldest` needs.
  void expire(StreamTime oldest);
  void wipe();

  // What the source signs of a tombstone.
  static Bytes<4> tombstone_statement(FrameNumber last_frame);

 private:
  const CryptoProvider& crypto_;
  SourceKeyHash expected_;
  std::optional<wire::body::Welcome> welcome_;
  wire::SignedStream stream_;
  crypto::EpochRing epochs_;
  std::vector<wire::body::EpochKey> announced_;  // those in the ring, as received
  std::optional<wire::body::Tombstone> tombstone_;
};

}  // namespace swarmcast::node
