#include "engine/wire/lean_repair.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/json_vectors_for_test.h"
#include "engine/base/random.h"
#include "engine/wire/fragment.h"

namespace swarmcast::wire {
namespace {

using Message = std::vector<uint8_t>;

Message lean_of(ByteSpan repair) {
  Message out(repair.size() - kSignatureSize);
  EXPECT_EQ(write_lean_repair(out, repair), out.size());
  return out;
}

TEST(LeanRepair, FromVector) {
  const auto vectors = json_vectors("fragment").at("lean");
  ASSERT_FALSE(vectors.empty());
  for (const auto& v : vectors) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const Message lean = from_hex(v.at("message")), whole = from_hex(v.at("whole"));
    ASSERT_TRUE(is_lean_repair(lean));
    EXPECT_FALSE(is_lean_repair(whole));
    const auto view = parse_fragment(whole);
    ASSERT_TRUE(view);
    EXPECT_EQ(frame_of_lean_repair(lean), view->header.id);
    Signature signature;
    std::ranges::copy(view->signature, signature.begin());
    Bytes<kMaxMessageSize> out;
    EXPECT_EQ(to_hex(restore_repair(out, lean, signature)), to_hex(whole));
    EXPECT_EQ(to_hex(lean_of(whole)), to_hex(lean));
  }
}

TEST(LeanRepair, IsWhatBothFlagsSay) {
  Message message(40, 0);
  message[0] = kFragmentType;
  for (int flags = 0; flags < 256; ++flags) {
    message[1] = static_cast<uint8_t>(flags);
    EXPECT_EQ(is_lean_repair(message), (flags & 0xc0) == 0xc0) << flags;
  }
  message[0] = kFragmentType + 1;
  EXPECT_FALSE(is_lean_repair(message));
  EXPECT_FALSE(is_lean_repair({}));
}

// Whatever the length and content, what is restored fits a message and parses or does not.
TEST(LeanRepair, AnyLengthIsRefusedOrRestored) {
  constexpr uint64_t kSeed = 20'261'123;
  Prng random(kSeed);
  for (size_t n = 0; n <= kMaxMessageSize; ++n) {
    Message lean(n);
    for (uint8_t& b : lean) b = static_cast<uint8_t>(random.next());
    const auto id = frame_of_lean_repair(lean);
    const bool fits = n >= kFragmentHeaderSize + kRepairTrailerSize && n <= kMaxLeanRepairSize;
    ASSERT_EQ(id.has_value(), fits) << n << ", seed " << kSeed;
    if (!id) continue;
    Bytes<kMaxMessageSize> out;
    const ByteSpan whole = restore_repair(out, lean, Signature{});
    ASSERT_EQ(whole.size(), n + kSignatureSize);
    parse_fragment(whole);
  }
}

}  // namespace
}  // namespace swarmcast::wire
