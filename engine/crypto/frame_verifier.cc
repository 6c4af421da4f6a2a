#include "engine/crypto/frame_verifier.h"

#include <algorithm>

#include "engine/wire/fragment.h"

namespace swarmcast::crypto {
namespace {

// Consecutive frames of a track fill the sets evenly.
size_t set_of(FrameId id) { return id.number.value() % FrameVerifier::kSets; }

}  // namespace

std::optional<VerifiedFragment> FrameVerifier::verify(const FragmentView& fragment) {
  const bool good = check(fragment);
  if (verify_ && !good) return std::nullopt;
  return VerifiedFragment(fragment);
}

bool FrameVerifier::check(const FragmentView& fragment) {
  const VerifiedFrame* known = find(fragment.header.id);
  if (known && known->proof.header != fragment.header) return false;
  const EncodedFrameHeader encoded = wire::encode_frame_header(fragment.header);
  FrameProof proof{.header = fragment.header};
  const MerkleRoot root = root_from_path(crypto_, encoded, fragment.header.total(), fragment.index,
                                         fragment.payload, fragment.path, &proof.top);
  if (known) {
    if (root != known->root) return false;
    if (equal(fragment.signature, known->proof.signature)) return true;
    // True content under another signature: our neighbours would check that signature, so we do.
  }
  std::ranges::copy(fragment.signature, proof.signature.begin());
  if (verify_ && !crypto_.verify(source_, frame_statement(encoded, root), proof.signature))
    return false;
  if (!known) remember({.used = true, .proof = proof, .root = root});
  return true;
}

std::optional<SignedFrame> FrameVerifier::rebuild(const FrameHeader& header,
                                                  std::span<const ByteSpan> payloads) const {
  const VerifiedFrame* known = find(header.id);
  if (!known || known->proof.header != header || payloads.size() != header.total())
    return std::nullopt;
  for (ByteSpan payload : payloads)
    if (payload.size() != header.fragment_payload()) return std::nullopt;
  const MerkleTree tree(crypto_, wire::encode_frame_header(header), payloads);
  if (tree.root() != known->root) return std::nullopt;
  return SignedFrame(header, payloads, tree, known->proof.signature);
}

VerifiedFragment FrameVerifier::write(const SignedFrame& frame, uint8_t index,
                                      MutableByteSpan message) const {
  return VerifiedFragment(frame.write(index, message));
}

const FrameProof* FrameVerifier::proof_of(FrameId frame) const {
  const VerifiedFrame* known = find(frame);
  return known ? &known->proof : nullptr;
}

const FrameVerifier::VerifiedFrame* FrameVerifier::find(FrameId id) const {
  for (const VerifiedFrame& frame : sets_[set_of(id)])
    if (frame.used && frame.proof.header.id == id) return &frame;
  return nullptr;
}

void FrameVerifier::remember(const VerifiedFrame& frame) {
  Set& set = sets_[set_of(frame.proof.header.id)];
  // The oldest capture goes first, so that replayed old frames cannot push out the newest.
  auto age = [](const VerifiedFrame& f) { return std::pair(f.used, f.proof.header.capture); };
  VerifiedFrame& victim = *std::ranges::min_element(set, {}, age);
  if (age(victim) <= age(frame)) victim = frame;
}

}  // namespace swarmcast::crypto
