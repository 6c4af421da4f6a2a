#include "engine/crypto/key_source.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/crypto/sodium_for_test.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

TEST(KeySource, FromVector) {
  const auto vector = known_answers("keys").at("key_source");
  KeySource keys(sodium(), array_from_hex<32>(vector.at("seed")));
  for (const std::string expected : vector.at("fills")) {
    std::vector<uint8_t> out(expected.size() / 2);
    keys.fill(out);
    EXPECT_EQ(to_hex(out), expected);
  }
}

TEST(KeySource, NeverRepeats) {
  KeySource keys(sodium(), {});
  std::set<Bytes<16>> seen;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(keys.take<16>()).second) << i;
}

TEST(KeySource, DependsOnTheSeed) {
  KeySource a(sodium(), Bytes<32>{1});
  KeySource b(sodium(), Bytes<32>{2});
  EXPECT_NE(a.take<32>(), b.take<32>());
}

TEST(KeySource, IsWipedOnDestruction) {
  alignas(KeySource) Bytes<sizeof(KeySource)> memory{};
  const Bytes<32> seed{7};
  Bytes<32> state = derive(sodium(), seed, "swarmcast key source seed v1", {});
  auto* keys = new (memory.data()) KeySource(sodium(), seed);
  auto holds_state = [&] { return !std::ranges::search(memory, state).empty(); };
  EXPECT_TRUE(holds_state());
  keys->~KeySource();
  EXPECT_FALSE(holds_state());
}

TEST(Kdf, LabelsDoNotRunIntoTheirContext) {
  const Bytes<32> key{1};
  const Bytes<1> b{'b'};
  EXPECT_NE(derive(sodium(), key, "a", b), derive(sodium(), key, "ab", {}));
}

TEST(Kdf, ConstantTimeEqualIsEqual) {
  const Bytes<3> a{1, 2, 3}, b{1, 2, 4}, c{0, 2, 3};
  EXPECT_TRUE(constant_time_equal(a, a));
  EXPECT_FALSE(constant_time_equal(a, b));
  EXPECT_FALSE(constant_time_equal(a, c));
  EXPECT_FALSE(constant_time_equal(a, ByteSpan(a).first(2)));
}

}  // namespace
}  // namespace swarmcast::crypto
