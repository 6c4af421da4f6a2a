#include "engine/node/publisher.h"

#include <algorithm>
#include <utility>

#include "engine/chunk/fragmenter.h"
#include "engine/crypto/frame_seal.h"
#include "engine/crypto/identity.h"
#include "engine/crypto/stream_signature.h"
#include "engine/repair/reed_solomon.h"

namespace swarmcast::node {

namespace {
constexpr uint8_t kTerm = 0;  // the source itself; successors count up
}

Publisher::Publisher(const CryptoProvider& crypto, crypto::KeySource& keys,
                     const StreamDescription& description, bool seal)
    : crypto_(crypto),
      keys_(keys),
      key_(crypto.signing_key_from_seed(keys.take<32>())),
      signer_(crypto, key_),
      schedule_(kTerm),
      description_(description),
      seal_(seal),
      coded_(kMaxFragmentsPerFrame * kMaxFragmentPayload) {
  last_capture_.fill(StreamTime::from_us(-1));
}

SourceKeyHash Publisher::key_hash() const {
  return crypto::source_key_hash(crypto_, key_.public_key());
}

wire::body::Welcome Publisher::welcome() const {
  wire::body::Welcome w;
  w.source_key = key_.public_key();
  w.stream = wire::SignedStream{.term = kTerm, .description = description_}.encode();
  w.signature =
      crypto::sign_statement(crypto_, key_, crypto::Statement::kStreamDescription, w.stream);
  return w;
}

std::vector<wire::body::EpochKey> Publisher::advance(StreamTime now, StreamTrust& trust) {
  if (!trust.known()) trust.on_welcome(welcome());
  std::vector<wire::body::EpochKey> fresh;
  while (auto epoch = schedule_.poll(now, keys_)) {
    wire::body::EpochKey body{epoch->term, epoch->number, epoch->starts_at, epoch->key,
                              crypto::sign_epoch(crypto_, key_, *epoch)};
    crypto_.wipe(epoch->key);
    trust.on_epoch_key(body);
    fresh.push_back(body);
  }
  return fresh;
}

Instant Publisher::next_epoch(StreamTime now, Instant local_now) const {
  return local_now + (schedule_.next_due() - now);
}

std::optional<FrameHeader> Publisher::publish(const EncodedFrame& frame, StreamTime captured,
                                              uint8_t parity, const StreamTrust& trust,
                                              repair::FragmentStore& store) {
  const size_t track = frame.track.value();
  if (track >= kMaxTracks) return std::nullopt;
  // Until this frame is out: what refers to one that is not cannot be decoded.
  const bool broken = std::exchange(awaits_key_[track], true);
  if (broken && !frame.key) return std::nullopt;
  EncodedFrame numbered = frame;
  numbered.number = next_[track];
  // Capture times of a track never repeat and never go back.
  numbered.capture = std::max(captured, last_capture_[track] + Duration::micros(1));
  const crypto::EpochKey* epoch = trust.epochs().current(numbered.capture);
  if (!epoch || numbered.capture.us() > kMaxStreamTimeUs) return std::nullopt;
  const auto header = chunk::make_frame_header(numbered, epoch->number, parity);
  if (!header) return std::nullopt;

  const MutableByteSpan coded = MutableByteSpan(coded_).first(chunk::coded_size(*header));
  const MutableByteSpan sealed = coded.first(header->sealed_size);
  if (seal_)
    crypto::seal_frame(crypto_, *epoch, key_.public_key(), *header, numbered.payload, sealed);
  else
    std::ranges::copy(numbered.payload, sealed.begin());
  chunk::lay_out_source(*header, sealed, coded);

  std::array<ByteSpan, kMaxFragmentsPerFrame> payloads;
  for (uint8_t i = 0; i < header->total(); ++i)
    payloads[i] = chunk::coded_payload(*header, coded, i);
  for (uint8_t row = 0; row < header->r; ++row) {
    repair::encode_parity(std::span(payloads).first(header->k), row,
                          chunk::coded_payload(*header, coded, header->k + row));
  }

  const auto signed_frame = signer_.sign(*header, std::span(payloads).first(header->total()));
  Bytes<kMaxMessageSize> message;
  for (uint8_t i = 0; i < header->total(); ++i) {
    const MutableByteSpan out = MutableByteSpan(message).first(fragment_message_size(*header));
    store.insert(signer_.write(signed_frame, i, out));
  }
  awaits_key_[track] = false;
  next_[track] = numbered.number.next();
  last_capture_[track] = numbered.capture;
  return header;
}

wire::body::Tombstone Publisher::tombstone() const {
  const uint32_t published = next_[kVideoTrack.value()].value();
  const FrameNumber last(published == 0 ? 0 : published - 1);
  return {last, crypto::sign_statement(crypto_, key_, crypto::Statement::kTombstone,
                                       StreamTrust::tombstone_statement(last))};
}

}  // namespace swarmcast::node
