#include "engine/wire/lean_fragment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/random.h"
#include "engine/wire/fragment.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

using Message = std::vector<uint8_t>;

Message lean_of(ByteSpan whole) {
  Message out(whole.size() - kLeanSaving);
  EXPECT_EQ(write_lean_fragment(out, whole), out.size());
  return out;
}

TEST(LeanFragment, FromVector) {
  const auto vectors = known_answers("fragment").at("lean");
  ASSERT_GT(vectors.size(), 0u);
  for (const auto& v : vectors) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const Message lean = from_hex(v.at("message")), whole = from_hex(v.at("whole"));
    const FrameProof proof{.header = header_from(v.at("header")),
                           .signature = array_from_hex<64>(v.at("signature")),
                           .top = {array_from_hex<8>(v.at("top")[0].get<std::string>()),
                                   array_from_hex<8>(v.at("top")[1].get<std::string>())}};
    ASSERT_TRUE(is_lean_fragment(lean));
    EXPECT_FALSE(is_lean_fragment(whole));
    const auto view = parse_fragment(whole);
    ASSERT_TRUE(view);
    EXPECT_EQ(id_of_lean_fragment(lean), view->id());
    EXPECT_EQ(id_of_fragment(lean), view->id());
    EXPECT_EQ(id_of_fragment(whole), view->id());
    Bytes<kMaxMessageSize> out;
    EXPECT_EQ(to_hex(restore_fragment(out, lean, proof)), to_hex(whole));
    EXPECT_EQ(to_hex(lean_of(whole)), to_hex(lean));
  }
}

TEST(LeanFragment, IsWhatTheFlagSays) {
  Message message(40, 0);
  message[0] = kFragmentType;
  for (int flags = 0; flags < 256; ++flags) {
    message[1] = static_cast<uint8_t>(flags);
    EXPECT_EQ(is_lean_fragment(message), (flags & 0x40) != 0) << flags;
  }
  message[0] = kFragmentType + 1;
  EXPECT_FALSE(is_lean_fragment(message));
  EXPECT_FALSE(is_lean_fragment({}));
}

// Whatever the length and content, what is restored fits a message and parses or does not.
TEST(LeanFragment, AnyLengthIsRefusedOrRestored) {
  constexpr uint64_t kSeed = 20'261'123;
  Prng random(kSeed);
  for (size_t n = 0; n <= kMaxMessageSize; ++n) {
    Message lean(n);
    for (uint8_t& b : lean) b = static_cast<uint8_t>(random.next());
    if (n > 1) lean[1] &= static_cast<uint8_t>(~kHopRepairFlag);
    if (n > 4) lean[4] %= kMaxTracks;
    const auto id = id_of_lean_fragment(lean);
    ASSERT_EQ(id.has_value(), n > kLeanHeaderSize && n <= kMaxLeanSize) << n << ", seed " << kSeed;
    if (!id) continue;
    for (uint8_t k : {1, 2, 13, 200}) {
      Bytes<kMaxMessageSize> out;
      const FrameProof proof{.header = {.sealed_size = 1'000u * k, .k = k}};
      const ByteSpan whole = restore_fragment(out, lean, proof);
      ASSERT_EQ(whole.size(), n + kLeanSaving);
      parse_fragment(whole);
    }
  }
}

TEST(LeanFragment, OfNoTrackOrWithoutRoomForATrailerIsNone) {
  Message lean(kLeanHeaderSize + 2, 0);
  EXPECT_TRUE(id_of_lean_fragment(lean));
  lean[4] = kMaxTracks;
  EXPECT_FALSE(id_of_lean_fragment(lean));
  lean[4] = 0;
  lean[1] = kHopRepairFlag | kHopLeanFlag;
  EXPECT_FALSE(id_of_lean_fragment(lean));
}

}  // namespace
}  // namespace swarmcast::wire
