#include "engine/crypto/frame_seal.h"

#include <gtest/gtest.h>

#include "engine/crypto/sodium_for_test.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

EpochKey epoch_from(const KnownAnswer& j) {
  return {.term = j.at("term"),
          .number = EpochNumber(j.at("number")),
          .starts_at = StreamTime::from_us(j.at("starts_at")),
          .key = array_from_hex<32>(j.at("key"))};
}

// Sealed is what the vector says; nullopt if it does not open.
std::optional<std::vector<uint8_t>> opened(const KnownAnswer& v) {
  const auto sealed = from_hex(v.at("sealed"));
  std::vector<uint8_t> plain(sealed.size() - kAeadTagSize, 0xee);
  const bool ok =
      open_frame(sodium(), epoch_from(v.at("epoch")), array_from_hex<32>(v.at("publisher")),
                 header_from(v.at("header")), sealed, plain);
  if (ok) return plain;
  EXPECT_EQ(std::ranges::count(plain, 0), std::ssize(plain)) << "nothing unproven may stay";
  return std::nullopt;
}

TEST(FrameSeal, FromVector) {
  for (const auto& v : known_answers("seal").at("valid")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const EpochKey epoch = epoch_from(v.at("epoch"));
    const auto publisher = array_from_hex<32>(v.at("publisher"));
    const FrameHeader header = header_from(v.at("header"));
    EXPECT_EQ(to_hex(frame_key(sodium(), epoch, publisher, header.id.track)),
              v.at("frame_key").get<std::string>());
    const auto plain = from_hex(v.at("plain"));
    std::vector<uint8_t> sealed(plain.size() + kAeadTagSize);
    seal_frame(sodium(), epoch, publisher, header, plain, sealed);
    EXPECT_EQ(to_hex(sealed), v.at("sealed").get<std::string>());
    EXPECT_EQ(opened(v), plain);
  }
}

TEST(FrameSeal, RefusesInvalidVectors) {
  for (const auto& v : known_answers("seal").at("invalid")) EXPECT_FALSE(opened(v)) << v.at("name");
}

TEST(FrameSeal, SealsAndOpensInPlace) {
  const EpochKey epoch{.key = {1}};
  const FrameHeader header{.key = true, .sealed_size = 100 + kAeadTagSize, .k = 1};
  std::vector<uint8_t> buffer(header.sealed_size, 0x5a);
  const MutableByteSpan plain = MutableByteSpan(buffer).first(100);
  seal_frame(sodium(), epoch, {}, header, plain, buffer);
  EXPECT_NE(std::ranges::count(plain, 0x5a), 100);
  EXPECT_TRUE(open_frame(sodium(), epoch, {}, header, buffer, plain));
  EXPECT_EQ(std::ranges::count(plain, 0x5a), 100);
}

TEST(Epoch, SignatureFromVector) {
  const auto vectors = known_answers("seal").at("epochs");
  auto verified = [](const KnownAnswer& v) {
    return verify_epoch(sodium(), array_from_hex<32>(v.at("public_key")), epoch_from(v.at("epoch")),
                        array_from_hex<64>(v.at("signature")));
  };
  for (const auto& v : vectors.at("valid")) {
    const auto key = sodium().signing_key_from_seed(array_from_hex<32>(v.at("source_seed")));
    EXPECT_EQ(to_hex(sign_epoch(sodium(), key, epoch_from(v.at("epoch")))),
              v.at("signature").get<std::string>());
    EXPECT_TRUE(verified(v)) << v.at("name");
  }
  for (const auto& v : vectors.at("invalid")) EXPECT_FALSE(verified(v)) << v.at("name");
}

}  // namespace
}  // namespace swarmcast::crypto
