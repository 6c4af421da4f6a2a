// What tests of this room share: fragments that count as verified, and a store to put them in.
#pragma once

#include <vector>

#include "engine/base/random.h"
#include "engine/repair/fragment_store.h"
#include "engine/wire/fragment.h"

// The room may not know crypto, and its test program is not linked with it: this stands in for the
// one class that is allowed to vouch for fragments.
namespace swarmcast::crypto {
class FrameSigner {
 public:
  static VerifiedFragment vouch_for(const FragmentView& view) { return VerifiedFragment(view); }
};
}  // namespace swarmcast::crypto

namespace swarmcast::repair {

class ZeroingCrypto final : public CryptoProvider {
 public:
  void hash(MutableByteSpan, ByteSpan, std::span<const ByteSpan>) const override {}
  void seal(MutableByteSpan, const Bytes<32>&, const Bytes<12>&, ByteSpan,
            ByteSpan) const override {}
  bool open(MutableByteSpan, const Bytes<32>&, const Bytes<12>&, ByteSpan,
            ByteSpan) const override {
    return false;
  }
  SigningKey signing_key_from_seed(const Bytes<32>&) const override { return {}; }
  Signature sign(const SigningKey&, ByteSpan) const override { return {}; }
  bool verify(const PublicKey&, ByteSpan, const Signature&) const override { return false; }
  Bytes<32> exchange_public_key(const Bytes<32>&) const override { return {}; }
  bool exchange(Bytes<32>&, const Bytes<32>&, const Bytes<32>&) const override { return false; }
  void wipe(MutableByteSpan memory) const override {
    std::fill(memory.begin(), memory.end(), uint8_t{0});
  }
};

// A frame as its source cuts it: k + r fragment messages over `sealed`.
struct TestFrame {
  FrameHeader header;
  std::vector<uint8_t> sealed;
  std::vector<std::vector<uint8_t>> messages;

  VerifiedFragment fragment(unsigned index) const {
    return crypto::FrameSigner::vouch_for(*wire::parse_fragment(messages[index]));
  }
};

inline TestFrame make_frame(FrameHeader header) {
  TestFrame frame{.header = header};
  Prng prng(header.id.number.value() * 8ull + header.id.track.value());
  for (size_t i = 0; i < header.sealed_size; ++i)
    frame.sealed.push_back(static_cast<uint8_t>(prng.next()));
  const size_t size = header.fragment_payload();
  std::vector<std::vector<uint8_t>> payloads(header.total(), std::vector<uint8_t>(size));
  for (size_t i = 0; i < frame.sealed.size(); ++i) payloads[i / size][i % size] = frame.sealed[i];
  const std::vector<ByteSpan> data(payloads.begin(), payloads.begin() + header.k);
  for (unsigned j = 0; j < header.r; ++j) encode_parity(data, j, payloads[header.k + j]);
  const std::vector<uint8_t> path(merkle_depth(header.total()) * kMerkleNodeSize, 0xaa);
  for (unsigned i = 0; i < header.total(); ++i) {
    frame.messages.emplace_back(fragment_message_size(header));
    wire::write_fragment(frame.messages.back(), header, static_cast<uint8_t>(i), Signature{}, path,
                         payloads[i]);
  }
  return frame;
}

// Frame `number` of 20 a second, 4 source and 2 parity fragments of 100 bytes unless told.
inline TestFrame make_frame(uint32_t number, uint8_t k = 4, uint8_t r = 2,
                            TrackId track = kVideoTrack) {
  FrameHeader h{.id = {track, FrameNumber(number)}, .k = k, .r = r};
  h.key = number % 40 == 0;
  h.depends_on = h.key ? 0 : 1;
  h.capture = StreamTime::from_ms(int64_t{number} * 50);
  h.sealed_size = k * 100u - 5;
  return make_frame(h);
}

struct TestStore {
  explicit TestStore(size_t slots = 600, StoreLimits limits = {})
      : memory(slots * kMaxMessageSize),
        slab(memory, kMaxMessageSize, crypto),
        store(slab, limits) {}
  // Inserts every fragment of the frame but those listed.
  void insert_all_but(const TestFrame& frame, std::initializer_list<unsigned> lost = {}) {
    for (unsigned i = 0; i < frame.header.total(); ++i)
      if (std::ranges::find(lost, i) == lost.end()) store.insert(frame.fragment(i));
  }
  ZeroingCrypto crypto;
  std::vector<uint8_t> memory;
  Slab slab;
  FragmentStore store;
};

}  // namespace swarmcast::repair
