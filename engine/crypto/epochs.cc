#include "engine/crypto/epochs.h"

#include <utility>

#include "engine/base/byte_io.h"
#include "engine/crypto/stream_signature.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kKeyHashLabel = "swarmcast epoch key hash v1";

// What is signed: term, number, start, hash of the key.
constexpr size_t kEpochStatementSize = 1 + 4 + 5 + 32;
Bytes<kEpochStatementSize> epoch_statement(const CryptoProvider& crypto, const EpochKey& epoch) {
  Bytes<32> key_hash;
  const std::array parts{kKeyHashLabel.bytes(), ByteSpan(epoch.key)};
  crypto.hash(key_hash, {}, parts);
  Bytes<kEpochStatementSize> bytes;
  ByteWriter out(bytes);
  out.u8(epoch.term);
  out.u32(epoch.number.value());
  out.u40(static_cast<uint64_t>(epoch.starts_at.us()));
  out.bytes(key_hash);
  return bytes;
}

bool within_wire_range(StreamTime t) { return t.us() >= 0 && t.us() <= kMaxStreamTimeUs; }

auto order(const EpochKey& e) { return std::pair(e.term, e.number); }

uint8_t low_byte_of(EpochNumber number) { return static_cast<uint8_t>(number.value()); }

}  // namespace

Signature sign_epoch(const CryptoProvider& crypto, const SigningKey& source,
                     const EpochKey& epoch) {
  SWARMCAST_CHECK(within_wire_range(epoch.starts_at));
  return sign_statement(crypto, source, Statement::kEpoch, epoch_statement(crypto, epoch));
}

bool verify_epoch(const CryptoProvider& crypto, const PublicKey& source, const EpochKey& epoch,
                  const Signature& signature) {
  return within_wire_range(epoch.starts_at) &&
         verify_statement(crypto, source, Statement::kEpoch, epoch_statement(crypto, epoch),
                          signature);
}

EpochRing::Added EpochRing::add(const EpochKey& epoch) {
  size_t at = 0;
  while (at < size_ && order(epochs_[at]) < order(epoch)) ++at;
  if (at < size_ && order(epochs_[at]) == order(epoch)) {
    const bool same =
        epochs_[at].starts_at == epoch.starts_at && constant_time_equal(epochs_[at].key, epoch.key);
    return same ? Added::kKnown : Added::kConflict;
  }
  // Within a term a higher number starts later. A new term may start before what the old one had
  // still announced.
  const bool after_earlier =
      at == 0 || epochs_[at - 1].term != epoch.term || epochs_[at - 1].starts_at < epoch.starts_at;
  const bool before_later =
      at == size_ || epochs_[at].term != epoch.term || epoch.starts_at < epochs_[at].starts_at;
  if (!after_earlier || !before_later) return Added::kConflict;
  if (size_ == kCapacity) {
    if (at == 0) return Added::kStale;
    remove(0);
    --at;
  }
  for (size_t i = size_; i > at; --i) epochs_[i] = epochs_[i - 1];
  epochs_[at] = epoch;
  ++size_;
  return Added::kNew;
}

const EpochKey* EpochRing::current(StreamTime now) const {
  for (size_t i = size_; i-- > 0;)
    if (epochs_[i].starts_at <= now) return &epochs_[i];
  return nullptr;
}

const EpochKey* EpochRing::find(uint8_t low_byte, StreamTime capture) const {
  for (size_t i = size_; i-- > 0;) {
    const EpochKey& epoch = epochs_[i];
    if (low_byte_of(epoch.number) != low_byte || epoch.starts_at > capture) continue;
    const bool ended =
        i + 1 < size_ && epochs_[i + 1].term == epoch.term && epochs_[i + 1].starts_at <= capture;
    if (!ended) return &epoch;
  }
  return nullptr;
}

const EpochKey& EpochRing::at(size_t i) const {
  SWARMCAST_CHECK(i < size_);
  return epochs_[i];
}

void EpochRing::expire(StreamTime oldest) {
  while (size_ >= 2 && epochs_[1].starts_at <= oldest) remove(0);
}

void EpochRing::remove(size_t i) {
  for (size_t k = i + 1; k < size_; ++k) epochs_[k - 1] = epochs_[k];
  --size_;
  crypto_.wipe(epochs_[size_].key);
}

void EpochRing::wipe() {
  for (EpochKey& epoch : epochs_) crypto_.wipe(epoch.key);
  size_ = 0;
}

StreamTime EpochSchedule::next_due() const {
  if (next_number_ == EpochNumber(0)) return StreamTime::from_us(0);
  return last_start_ + kPeriod - kLead - kSlack;
}

std::optional<EpochKey> EpochSchedule::poll(StreamTime now, KeySource& keys) {
  if (now < next_due()) return std::nullopt;
  EpochKey epoch{.term = term_, .number = next_number_, .key = keys.take<32>()};
  if (next_number_ != EpochNumber(0))
    epoch.starts_at = std::max(last_start_ + kPeriod, now + kLead);
  last_start_ = epoch.starts_at;
  next_number_ = next_number_.next();
  return epoch;
}

}  // namespace swarmcast::crypto
