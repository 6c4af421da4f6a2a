#include "engine/node/stream_trust.h"

#include "engine/base/byte_io.h"
#include "engine/crypto/identity.h"
#include "engine/crypto/stream_signature.h"

namespace swarmcast::node {

using crypto::EpochRing;
using crypto::Statement;

StreamTrust::Verdict StreamTrust::on_welcome(const wire::body::Welcome& welcome) {
  if (crypto::source_key_hash(crypto_, welcome.source_key) != expected_)
    return Verdict::kWrongSource;
  const auto stream = wire::SignedStream::parse(welcome.stream);
  if (!stream) return Verdict::kRefused;
  const bool newer = !welcome_ || stream->revision > stream_.revision;
  if (!newer) return Verdict::kKnown;
  if (!crypto::verify_statement(crypto_, welcome.source_key, Statement::kStreamDescription,
                                welcome.stream, welcome.signature))
    return Verdict::kRefused;
  welcome_ = welcome;
  stream_ = *stream;
  return Verdict::kNew;
}

StreamTrust::Verdict StreamTrust::on_epoch_key(const wire::body::EpochKey& body) {
  if (!known()) return Verdict::kRefused;
  const crypto::EpochKey epoch{body.term, body.number, body.starts_at, body.key};
  if (!crypto::verify_epoch(crypto_, source_key(), epoch, body.signature)) return Verdict::kRefused;
  switch (epochs_.add(epoch)) {
    case EpochRing::Added::kNew:
      break;
    case EpochRing::Added::kKnown:
    case EpochRing::Added::kStale:
      return Verdict::kKnown;
    case EpochRing::Added::kConflict:
      return Verdict::kRefused;
  }
  if (announced_.size() == EpochRing::kCapacity) {
    crypto_.wipe(announced_.front().key);
    announced_.erase(announced_.begin());
  }
  announced_.push_back(body);
  return Verdict::kNew;
}

Bytes<4> StreamTrust::tombstone_statement(FrameNumber last_frame) {
  Bytes<4> statement{};
  ByteWriter out(statement);
  out.u32(last_frame.value());
  return statement;
}

StreamTrust::Verdict StreamTrust::on_tombstone(const wire::body::Tombstone& body) {
  if (!known()) return Verdict::kRefused;
  if (tombstone_) return Verdict::kKnown;
  if (!crypto::verify_statement(crypto_, source_key(), Statement::kTombstone,
                                tombstone_statement(body.last_frame), body.signature))
    return Verdict::kRefused;
  tombstone_ = body;
  return Verdict::kNew;
}

wire::body::Welcome StreamTrust::welcome_for(const Endpoint& observed) const {
  wire::body::Welcome welcome = *welcome_;
  welcome.observed = observed;
  return welcome;
}

void StreamTrust::expire(StreamTime oldest) {
  epochs_.expire(oldest);
  std::erase_if(announced_, [&](wire::body::EpochKey& a) {
    for (size_t i = 0; i < epochs_.size(); ++i) {
      const crypto::EpochKey& held = epochs_.at(i);
      if (held.term == a.term && held.number == a.number) return false;
    }
    crypto_.wipe(a.key);
    return true;
  });
}

void StreamTrust::wipe() {
  epochs_.wipe();
  for (wire::body::EpochKey& a : announced_) crypto_.wipe(a.key);
  announced_.clear();
}

}  // namespace swarmcast::node
