// Epoch keys: the media keys of the broadcast, each for about 10 s (spec/frame-crypto.md,
// "Epochs"). A key is handed hop by hop over proven links; the source's announcement says
// beforehand which key will be right.
#pragma once

#include <array>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/crypto/key_source.h"

namespace swarmcast::crypto {

// In force from `starts_at` until the next epoch starts. Its holder wipes `key`.
struct EpochKey {
  uint8_t term = 0;
  EpochNumber number;
  StreamTime starts_at;
  Bytes<32> key{};
};

// The source's announcement: a signature of term, number, start and a hash of the key, so that it
// can be shown to those who must not have the key.
Signature sign_epoch(const CryptoProvider& crypto, const SigningKey& source, const EpochKey& epoch);
// Catches a wrong key before it is used.
bool verify_epoch(const CryptoProvider& crypto, const PublicKey& source, const EpochKey& epoch,
                  const Signature& signature);

// The epochs a node holds: previous, current, announced, and one to spare. What is evicted or
// expires is wiped.
class EpochRing {
 public:
  static constexpr size_t kCapacity = 4;

  enum class Added {
    kNew,
    kKnown,     // the same epoch with the same key
    kConflict,  // contradicts an epoch we hold: another key, or starts out of order
    kStale,     // older than everything in a full ring
  };

  explicit EpochRing(const CryptoProvider& crypto) : crypto_(crypto) {}
  ~EpochRing() { wipe(); }
  EpochRing(const EpochRing&) = delete;
  EpochRing& operator=(const EpochRing&) = delete;

  // A full ring gives up its oldest epoch for a newer one.
  Added add(const EpochKey& epoch);

  // The epoch in force at `now`: of those that have started, the last by (term, number). nullptr
  // if none. Borrowed until the ring changes, as are all pointers it gives.
  const EpochKey* current(StreamTime now) const;
  // The epoch whose number ends in `low_byte` and that was in force in its term at `capture`;
  // nullptr for an unknown or stale epoch.
  const EpochKey* find(uint8_t low_byte, StreamTime capture) const;

  size_t size() const { return size_; }
  // In order of (term, number); i < size().
  const EpochKey& at(size_t i) const;

  // Wipes every epoch that no frame captured at or after `oldest` can need.
  void expire(StreamTime oldest);
  // Wipes all.
  void wipe();

 private:
  void remove(size_t i);

  const CryptoProvider& crypto_;
  std::array<EpochKey, kCapacity> epochs_{};  // sorted by (term, number)
  size_t size_ = 0;
};

// When the source makes its epochs. The first starts with the stream; each of the next is made,
// to be announced at once, at least kLead before it starts.
class EpochSchedule {
 public:
  static constexpr Duration kPeriod = Duration::seconds(10);
  static constexpr Duration kLead = Duration::seconds(5);
  // The source is asked a little late at times: it aims earlier than it must.
  static constexpr Duration kSlack = Duration::seconds(1);

  explicit EpochSchedule(uint8_t term) : term_(term) {}

  // When poll() will give the next epoch.
  StreamTime next_due() const;
  // The next epoch with a fresh key, if it is due at `now`.
  std::optional<EpochKey> poll(StreamTime now, KeySource& keys);

 private:
  uint8_t term_;
  EpochNumber next_number_;
  StreamTime last_start_;  // of the epoch made last
};

static_assert(EpochSchedule::kLead + EpochSchedule::kSlack < EpochSchedule::kPeriod);
static_assert(kMaxRingSpan <= EpochSchedule::kPeriod,
              "previous, current and announced are all a node can need");

}  // namespace swarmcast::crypto
