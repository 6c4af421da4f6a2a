#include "engine/repair/reed_solomon.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "engine/base/random.h"
#include "engine/repair/gf256.h"
#include "test/support/known_answers.h"

namespace swarmcast::repair {
namespace {

using Block = std::vector<uint8_t>;

Block random_block(Prng& prng, size_t size) {
  Block out(size);
  for (auto& b : out) b = static_cast<uint8_t>(prng.next());
  return out;
}

// k random data fragments and their r parity fragments.
std::vector<Block> random_codeword(Prng& prng, unsigned k, unsigned r, size_t size,
                                   const gf256::Kernel& kernel = gf256::best_kernel()) {
  std::vector<Block> word;
  for (unsigned i = 0; i < k; ++i) word.push_back(random_block(prng, size));
  const std::vector<ByteSpan> data(word.begin(), word.end());
  for (unsigned j = 0; j < r; ++j) {
    Block parity(size);
    encode_parity(data, j, parity, kernel);
    word.push_back(parity);
  }
  return word;
}

// Spoils what is lost, rebuilds, and says whether every data fragment is as before.
bool survives(const std::vector<Block>& word, unsigned k, const FragmentSet& present,
              const gf256::Kernel& kernel = gf256::best_kernel()) {
  std::vector<Block> copy = word;
  for (size_t i = 0; i < copy.size(); ++i)
    if (!present[i]) std::fill(copy[i].begin(), copy[i].end(), 0xee);
  const std::vector<MutableByteSpan> spans(copy.begin(), copy.end());
  const int rebuilt = reconstruct(k, spans, present, kernel);
  int missing = 0;
  for (unsigned i = 0; i < k; ++i) missing += !present[i];
  return rebuilt == missing && std::equal(word.begin(), word.begin() + k, copy.begin());
}

TEST(Gf256, FromVector) {
  const KnownAnswer v = known_answers("reed_solomon");
  for (const auto& p : v.at("products"))
    EXPECT_EQ(gf256::mul(p.at("a"), p.at("b")), p.at("product").get<int>()) << p;
  for (const auto& c : v.at("coefficients"))
    EXPECT_EQ(cauchy_coefficient(c.at("row"), c.at("column")), c.at("value").get<int>()) << c;
}

TEST(Gf256, EveryInverseIsOne) {
  for (int a = 1; a < 256; ++a)
    EXPECT_EQ(gf256::mul(static_cast<uint8_t>(a), gf256::inverse(static_cast<uint8_t>(a))), 1);
}

TEST(Gf256, EveryKernelMultipliesLikeTheTables) {
  Prng prng(7);
  for (const gf256::Kernel& kernel : gf256::kernels())
    for (int c = 0; c < 256; ++c) {
      Block in(256), out(256), expected(256);
      std::iota(in.begin(), in.end(), 0);
      for (int i = 0; i < 256; ++i) {
        out[i] = static_cast<uint8_t>(prng.next());
        expected[i] = out[i] ^ gf256::mul(static_cast<uint8_t>(c), static_cast<uint8_t>(i));
      }
      kernel.mul_add(out.data(), in.data(), 256, static_cast<uint8_t>(c));
      ASSERT_EQ(out, expected) << kernel.name << " c=" << c;
    }
}

// Every length around the vector widths at every alignment, and not one byte too many.
TEST(Gf256, EveryKernelEqualsScalarAtEveryLength) {
  const gf256::Kernel& scalar = gf256::kernels().front();
  for (const gf256::Kernel& kernel : gf256::kernels())
    for (size_t length = 0; length <= 200; ++length)
      for (size_t offset : {0, 1, 7}) {
        Prng prng(length * 8 + offset);
        const Block in = random_block(prng, length + 16);
        Block out = random_block(prng, length + 16);
        Block expected = out;
        scalar.mul_add(expected.data() + offset, in.data() + offset, length, 0xb7);
        kernel.mul_add(out.data() + offset, in.data() + offset, length, 0xb7);
        ASSERT_EQ(out, expected) << kernel.name << " length " << length << " offset " << offset;
      }
}

TEST(ReedSolomon, FromVector) {
  const KnownAnswer v = known_answers("reed_solomon");
  EXPECT_EQ(v.at("cases").size(), 7u);
  for (const auto& c : v.at("cases")) {
    std::vector<Block> word;
    for (const auto& d : c.at("data")) word.push_back(from_hex(d));
    const std::vector<ByteSpan> data(word.begin(), word.end());
    for (unsigned j = 0; j < c.at("r").get<unsigned>(); ++j) {
      Block parity(data[0].size());
      encode_parity(data, j, parity);
      EXPECT_EQ(parity, from_hex(c.at("parity")[j]))
          << c.at("k") << "+" << c.at("r") << " row " << j;
    }
  }
}

TEST(ReedSolomon, AnyLossPatternThatLeavesKFragmentsIsRepaired) {
  Prng prng(1);
  for (unsigned k = 1; k <= 6; ++k)
    for (unsigned r = 0; r <= 5; ++r) {
      const auto word = random_codeword(prng, k, r, 37);
      for (unsigned long pattern = 0; pattern < (1ul << (k + r)); ++pattern) {
        const FragmentSet present(pattern);
        if (present.count() < k) continue;
        ASSERT_TRUE(survives(word, k, present)) << k << "+" << r << " pattern " << pattern;
      }
    }
}

TEST(ReedSolomon, RandomLossPatternsOfLargeFrames) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Prng prng(seed);
    const unsigned k = 1 + static_cast<unsigned>(prng.below(kMaxSourceFragments));
    const unsigned r = static_cast<unsigned>(prng.below(kMaxFragmentsPerFrame - k + 1));
    const auto word = random_codeword(prng, k, r, 1 + prng.below(90));
    FragmentSet present;
    for (unsigned i = 0; i < k + r; ++i) present.set(i);
    for (unsigned lost = 0; lost < r;) {
      const size_t i = prng.below(k + r);
      lost += present[i];
      present.reset(i);
    }
    ASSERT_TRUE(survives(word, k, present)) << "seed " << seed << ": " << k << "+" << r;
  }
}

TEST(ReedSolomon, EveryKernelGivesTheSameCode) {
  for (const gf256::Kernel& kernel : gf256::kernels()) {
    Prng prng(3), again(3);
    const auto word = random_codeword(prng, 16, 8, 1'001, kernel);
    EXPECT_EQ(word, random_codeword(again, 16, 8, 1'001, gf256::kernels().front()));
    FragmentSet present;
    for (unsigned i = 8; i < 24; ++i) present.set(i);
    EXPECT_TRUE(survives(word, 16, present, kernel)) << kernel.name;
  }
}

TEST(ReedSolomon, TooFewFragmentsAreRefused) {
  Prng prng(4);
  std::vector<Block> word = random_codeword(prng, 4, 2, 10);
  const std::vector<MutableByteSpan> spans(word.begin(), word.end());
  EXPECT_EQ(reconstruct(4, spans, FragmentSet("101001")), -1);
  EXPECT_EQ(reconstruct(4, spans, FragmentSet("001111")), 0);
}

TEST(ReedSolomon, AShorterSpanGetsTheHeadOfItsFragment) {
  Prng prng(5);
  const auto word = random_codeword(prng, 3, 1, 50);
  std::vector<Block> copy = word;
  copy[2].assign(20, 0);
  const std::vector<MutableByteSpan> spans(copy.begin(), copy.end());
  ASSERT_EQ(reconstruct(3, spans, FragmentSet("1011")), 1);
  EXPECT_TRUE(std::equal(copy[2].begin(), copy[2].end(), word[2].begin()));
}

}  // namespace
}  // namespace swarmcast::repair
