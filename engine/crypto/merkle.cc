#include "engine/crypto/merkle.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast::crypto {
namespace {

// First byte of what is hashed: a leaf can never be read as a node, nor a node as the root.
constexpr Bytes<1> kLeafTag{0x00};
constexpr Bytes<1> kNodeTag{0x01};
constexpr Bytes<1> kRootTag{0x02};

MerkleNode cut_hash(const CryptoProvider& crypto, std::span<const ByteSpan> parts) {
  Bytes<32> full;
  crypto.hash(full, {}, parts);
  MerkleNode out;
  std::copy_n(full.begin(), out.size(), out.begin());
  return out;
}

MerkleNode leaf_hash(const CryptoProvider& crypto, const EncodedFrameHeader& header, uint8_t index,
                     ByteSpan payload) {
  const Bytes<1> position{index};
  const std::array parts{ByteSpan(kLeafTag), ByteSpan(header), ByteSpan(position), payload};
  return cut_hash(crypto, parts);
}

MerkleNode parent_hash(const CryptoProvider& crypto, ByteSpan left, ByteSpan right) {
  const std::array parts{ByteSpan(kNodeTag), left, right};
  return cut_hash(crypto, parts);
}

// Of the only leaf, or of the root's two children.
MerkleRoot root_hash(const CryptoProvider& crypto, ByteSpan left, ByteSpan right) {
  MerkleRoot out;
  const std::array parts{ByteSpan(kRootTag), left, right};
  crypto.hash(out, {}, parts);
  return out;
}

}  // namespace

MerkleTree::MerkleTree(const CryptoProvider& crypto, const EncodedFrameHeader& header,
                       std::span<const ByteSpan> payloads)
    : leaves_(payloads.size()), depth_(merkle_depth(payloads.size())) {
  SWARMCAST_CHECK(leaves_ >= 1 && leaves_ <= kMaxFragmentsPerFrame);
  for (size_t i = 0; i < leaves_; ++i)
    node(0, i) = leaf_hash(crypto, header, static_cast<uint8_t>(i), payloads[i]);
  if (depth_ == 0) {
    root_ = root_hash(crypto, node(0, 0), {});
    return;
  }
  // `filled` nodes of a level cover real leaves; all others of that level equal `empty`.
  size_t filled = leaves_;
  MerkleNode empty{};
  for (size_t level = 0;; ++level) {
    const size_t width = size_t{1} << (depth_ - level);
    for (size_t i = filled; i < width; ++i) node(level, i) = empty;
    if (width == 2) break;
    filled = (filled + 1) / 2;
    for (size_t i = 0; i < filled; ++i)
      node(level + 1, i) = parent_hash(crypto, node(level, 2 * i), node(level, 2 * i + 1));
    empty = parent_hash(crypto, empty, empty);
  }
  root_ = root_hash(crypto, node(depth_ - 1, 0), node(depth_ - 1, 1));
}

void MerkleTree::path(uint8_t index, MutableByteSpan out) const {
  SWARMCAST_CHECK(index < leaves_ && out.size() == path_size());
  for (size_t level = 0; level < depth_; ++level) {
    const MerkleNode& sibling = node(level, (size_t{index} >> level) ^ 1);
    std::copy(sibling.begin(), sibling.end(), out.begin() + level * kMerkleNodeSize);
  }
}

MerkleRoot root_from_path(const CryptoProvider& crypto, const EncodedFrameHeader& header,
                          size_t leaves, uint8_t index, ByteSpan payload, ByteSpan path,
                          MerkleTop* top) {
  const size_t depth = merkle_depth(leaves);
  SWARMCAST_CHECK(index < leaves && path.size() == depth * kMerkleNodeSize);
  MerkleNode node = leaf_hash(crypto, header, index, payload);
  if (depth == 0) return root_hash(crypto, node, {});
  for (size_t level = 0;; ++level) {
    const ByteSpan sibling = path.subspan(level * kMerkleNodeSize, kMerkleNodeSize);
    const bool on_the_right = index >> level & 1;
    const ByteSpan left = on_the_right ? sibling : ByteSpan(node);
    const ByteSpan right = on_the_right ? ByteSpan(node) : sibling;
    if (level == depth - 1) {
      if (top) {
        std::ranges::copy(left, (*top)[0].begin());
        std::ranges::copy(right, (*top)[1].begin());
      }
      return root_hash(crypto, left, right);
    }
    node = parent_hash(crypto, left, right);
  }
}

}  // namespace swarmcast::crypto
