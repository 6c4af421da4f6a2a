// The Merkle tree over a frame's fragments (spec/frame-crypto.md, "Merkle tree").
//
// Nodes are cut to 8 bytes: a forger has the seconds of the window for 2^64 hashes. Leaves are
// bound to the frame header, so nothing can be computed before the frame exists. The root is whole.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/frame.h"

namespace swarmcast::crypto {

using MerkleNode = Bytes<kMerkleNodeSize>;
using MerkleRoot = Bytes<32>;
using EncodedFrameHeader = Bytes<kFrameHeaderSize>;

class MerkleTree {
 public:
  // Leaf i is payloads[i]; 1..kMaxFragmentsPerFrame of them. Nothing is borrowed.
  MerkleTree(const CryptoProvider& crypto, const EncodedFrameHeader& header,
             std::span<const ByteSpan> payloads);

  const MerkleRoot& root() const { return root_; }
  // Bytes of a path: merkle_depth(leaves) * kMerkleNodeSize.
  size_t path_size() const { return depth_ * kMerkleNodeSize; }
  // Writes the siblings from the leaf upwards; out.size() == path_size().
  void path(uint8_t index, MutableByteSpan out) const;

 private:
  static constexpr size_t kMaxWidth = size_t{1} << kMaxMerkleDepth;

  MerkleNode& node(size_t level, size_t i) { return nodes_[offset(level) + i]; }
  const MerkleNode& node(size_t level, size_t i) const { return nodes_[offset(level) + i]; }
  // Level 0 (the leaves) takes the upper half of the array, level 1 the upper half of the rest, ...
  size_t offset(size_t level) const { return size_t{1} << (depth_ - level); }

  size_t leaves_;
  size_t depth_;
  std::array<MerkleNode, 2 * kMaxWidth> nodes_;
  MerkleRoot root_;
};

// The two nodes below the root, left and right; zeroes in a tree of one leaf.
using MerkleTop = std::array<MerkleNode, 2>;

// The root that `payload` as leaf `index` of `leaves` has under `path`, whose size is
// merkle_depth(leaves) * kMerkleNodeSize; `top`, if given, gets what the root is made of.
MerkleRoot root_from_path(const CryptoProvider& crypto, const EncodedFrameHeader& header,
                          size_t leaves, uint8_t index, ByteSpan payload, ByteSpan path,
                          MerkleTop* top = nullptr);

}  // namespace swarmcast::crypto
