#include "engine/crypto/merkle.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/crypto/sodium_for_test.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

// Payloads and the spans of them that a tree wants.
struct Leaves {
  std::vector<std::vector<uint8_t>> bytes;
  std::vector<ByteSpan> spans;

  void add(std::vector<uint8_t> leaf) { bytes.push_back(std::move(leaf)); }
  std::span<const ByteSpan> all() {
    spans.assign(bytes.begin(), bytes.end());
    return spans;
  }
};

Leaves random_leaves(size_t n, uint64_t seed) {
  Prng random(seed);
  Leaves out;
  for (size_t i = 0; i < n; ++i) {
    std::vector<uint8_t> leaf(32);
    for (uint8_t& b : leaf) b = static_cast<uint8_t>(random.next());
    out.add(leaf);
  }
  return out;
}

std::vector<uint8_t> path_of(const MerkleTree& tree, uint8_t index) {
  std::vector<uint8_t> path(tree.path_size());
  tree.path(index, path);
  return path;
}

TEST(Merkle, FromVector) {
  for (const auto& v : known_answers("merkle").at("trees")) {
    Leaves leaves;
    for (const std::string payload : v.at("payloads")) leaves.add(from_hex(payload));
    const auto header = array_from_hex<18>(v.at("header"));
    const MerkleTree tree(sodium(), header, leaves.all());
    EXPECT_EQ(to_hex(tree.root()), v.at("root").get<std::string>()) << v.at("leaves");
    for (const auto& p : v.at("paths"))
      EXPECT_EQ(to_hex(path_of(tree, p.at("index"))), p.at("path").get<std::string>());
  }
}

TEST(Merkle, EveryPathOfEveryTreeLeadsToItsRoot) {
  const EncodedFrameHeader header{1, 2, 3};
  for (size_t n = 1; n <= kMaxFragmentsPerFrame; n += n < 40 ? 1 : 23) {
    Leaves leaves = random_leaves(n, n);
    const MerkleTree tree(sodium(), header, leaves.all());
    for (size_t i = 0; i < n; ++i) {
      const auto index = static_cast<uint8_t>(i);
      ASSERT_EQ(root_from_path(sodium(), header, n, index, leaves.bytes[i], path_of(tree, index)),
                tree.root())
          << i << " of " << n;
    }
  }
}

TEST(Merkle, AnyChangeGivesAnotherRoot) {
  const EncodedFrameHeader header{1, 2, 3};
  const size_t n = 21;
  Leaves leaves = random_leaves(n, 5);
  const MerkleTree tree(sodium(), header, leaves.all());
  const auto path = path_of(tree, 20);
  const auto& leaf = leaves.bytes[20];
  auto root = [&](const EncodedFrameHeader& h, uint8_t index, ByteSpan payload, ByteSpan p) {
    return root_from_path(sodium(), h, n, index, payload, p);
  };
  ASSERT_EQ(root(header, 20, leaf, path), tree.root());
  EXPECT_NE(root({1, 2, 4}, 20, leaf, path), tree.root());
  EXPECT_NE(root(header, 19, leaf, path), tree.root());
  EXPECT_NE(root(header, 20, leaves.bytes[19], path), tree.root());
  for (size_t i = 0; i < path.size(); ++i) {
    auto other = path;
    other[i] ^= 1;
    EXPECT_NE(root(header, 20, leaf, other), tree.root()) << i;
  }
}

// Neither a leaf nor a node can pass for the other, nor a small tree for part of a larger one.
TEST(Merkle, KindsOfNodesDoNotMix) {
  const EncodedFrameHeader header{};
  Leaves one = random_leaves(1, 1);
  Leaves two = random_leaves(2, 1);
  const MerkleTree small(sodium(), header, one.all());
  const MerkleTree large(sodium(), header, two.all());
  ASSERT_EQ(one.bytes[0], two.bytes[0]);
  EXPECT_NE(small.root(), large.root());
}

}  // namespace
}  // namespace swarmcast::crypto
