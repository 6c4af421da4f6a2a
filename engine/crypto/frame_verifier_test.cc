#include "engine/crypto/frame_verifier.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/crypto/counting_crypto_for_test.h"
#include "engine/crypto/frame_signer.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"
#include "test/support/known_answers.h"

namespace swarmcast::crypto {
namespace {

using Message = std::vector<uint8_t>;

FrameHeader frame_header(uint32_t number, uint8_t k, uint8_t r, TrackId track = kVideoTrack) {
  return {.id = {track, FrameNumber(number)},
          .key = true,
          .capture = StreamTime::from_ms(number * 50),
          .sealed_size = uint32_t{k} * 50,
          .k = k,
          .r = r};
}

struct Payloads {
  std::vector<Message> bytes;
  std::vector<ByteSpan> spans;

  Payloads(const FrameHeader& header, uint64_t seed) {
    Prng random(seed);
    for (int i = 0; i < header.total(); ++i) {
      bytes.emplace_back(header.fragment_payload());
      for (uint8_t& b : bytes.back()) b = static_cast<uint8_t>(random.next());
    }
    spans.assign(bytes.begin(), bytes.end());
  }
};

std::vector<Message> write_all(const FrameSigner& signer, const FrameHeader& header,
                               const Payloads& payloads) {
  const SignedFrame frame = signer.sign(header, payloads.spans);
  std::vector<Message> messages;
  for (uint8_t i = 0; i < header.total(); ++i) {
    messages.emplace_back(fragment_message_size(header));
    EXPECT_EQ(signer.write(frame, i, messages.back()).view().id(), (FragmentId{header.id, i}));
  }
  return messages;
}

class FrameVerifierTest : public testing::Test {
 protected:
  CountingCrypto crypto_;
  SigningKey key_ = crypto_.signing_key_from_seed({1});
  FrameSigner signer_{crypto_, key_};
  FrameVerifier verifier_{crypto_, key_.public_key()};

  std::vector<Message> frame(const FrameHeader& header, uint64_t seed = 1) {
    return write_all(signer_, header, Payloads(header, seed));
  }
  bool accepts(const Message& message) {
    const auto view = wire::parse_fragment(message);
    return view && verifier_.verify(*view);
  }
};

TEST(FrameSigner, FromVector) {
  for (const auto& v : known_answers("frame").at("valid")) {
    const auto& crypto = platform::sodium_crypto();
    const auto key = crypto.signing_key_from_seed(array_from_hex<32>(v.at("source_seed")));
    FrameSigner signer(crypto, key);
    FrameVerifier verifier(crypto, array_from_hex<32>(v.at("public_key")));
    const FrameHeader header = header_from(v.at("header"));
    std::vector<Message> expected;
    std::vector<ByteSpan> payloads;
    for (const std::string hex : v.at("fragments")) expected.push_back(from_hex(hex));
    for (const Message& message : expected) {
      const auto view = wire::parse_fragment(message);
      ASSERT_TRUE(view);
      EXPECT_TRUE(verifier.verify(*view));
      payloads.push_back(view->payload);
    }
    const SignedFrame frame = signer.sign(header, payloads);
    for (uint8_t i = 0; i < header.total(); ++i) {
      Message message(fragment_message_size(header));
      signer.write(frame, i, message);
      EXPECT_EQ(to_hex(message), to_hex(expected[i])) << v.at("name") << " " << int{i};
    }
  }
}

TEST(FrameVerifier, RefusesInvalidVectors) {
  const auto vectors = known_answers("frame");
  for (const auto& v : vectors.at("invalid")) {
    FrameVerifier verifier(platform::sodium_crypto(), array_from_hex<32>(vectors.at("public_key")));
    const auto message = from_hex(v.at("message"));
    const auto view = wire::parse_fragment(message);
    EXPECT_FALSE(view && verifier.verify(*view)) << v.at("name");
  }
}

TEST_F(FrameVerifierTest, FirstFragmentCostsASignatureTheRestOnlyHashes) {
  const FrameHeader header = frame_header(7, 20, 5);
  auto messages = frame(header);
  std::swap(messages.front(), messages[13]);  // in any order
  crypto_.hashes = 0;
  for (const Message& message : messages) EXPECT_TRUE(accepts(message));
  EXPECT_EQ(crypto_.verifications, 1);
  EXPECT_EQ(crypto_.hashes, 25 * (1 + 5)) << "leaf, then one for each of 5 levels";
}

TEST_F(FrameVerifierTest, RefusesEveryFlippedBitBeforeAndAfterTheFrameIsKnown) {
  const auto messages = frame(frame_header(7, 3, 1));
  for (int known = 0; known < 2; ++known) {
    const Message& target = messages[2];
    for (size_t bit = kHopHeaderSize * 8; bit < target.size() * 8; ++bit) {
      Message forged = target;
      forged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      ASSERT_FALSE(accepts(forged)) << "bit " << bit << (known ? ", frame known" : "");
    }
    EXPECT_TRUE(accepts(messages[0])) << "a forgery must not harm the true frame";
  }
}

TEST_F(FrameVerifierTest, ForgeryOfAKnownFrameCostsNoSignatureCheck) {
  auto messages = frame(frame_header(7, 3, 1));
  EXPECT_TRUE(accepts(messages[0]));
  Message& forged = messages[1];
  forged.back() ^= 1;
  EXPECT_FALSE(accepts(forged));
  EXPECT_EQ(crypto_.verifications, 1);
}

TEST_F(FrameVerifierTest, RefusesASecondVersionOfAFrame) {
  const FrameHeader header = frame_header(7, 3, 1);
  FrameHeader other_header = header;
  other_header.epoch = 9;
  EXPECT_TRUE(accepts(frame(header, 1)[0]));
  EXPECT_FALSE(accepts(frame(header, 2)[0])) << "other content";
  EXPECT_FALSE(accepts(frame(other_header, 1)[0])) << "other header";
  EXPECT_TRUE(accepts(frame(header, 1)[1]));
}

TEST_F(FrameVerifierTest, RefusesAnotherSource) {
  const FrameHeader header = frame_header(7, 2, 0);
  const SigningKey other = crypto_.signing_key_from_seed({2});
  const FrameSigner impostor(crypto_, other);
  for (const Message& m : write_all(impostor, header, Payloads(header, 1)))
    EXPECT_FALSE(accepts(m));
  for (const Message& m : frame(header)) EXPECT_TRUE(accepts(m));
}

TEST_F(FrameVerifierTest, RemembersTheWholeWindow) {
  // 3.6 s of 20 pictures and 50 sound packets a second, then one more fragment of each picture.
  std::vector<Message> second;
  for (uint32_t n = 0; n < 180; ++n) {
    FrameHeader sound = frame_header(n, 1, 0, kAudioTrack);
    sound.capture = StreamTime::from_ms(n * 20);
    EXPECT_TRUE(accepts(frame(sound)[0]));
    if (n % 5 >= 2) continue;
    const auto picture = frame(frame_header(n / 5 * 2 + n % 5, 2, 0));
    EXPECT_TRUE(accepts(picture[0]));
    second.push_back(picture[1]);
  }
  ASSERT_EQ(second.size(), 72u);
  crypto_.verifications = 0;
  for (const Message& message : second) EXPECT_TRUE(accepts(message));
  EXPECT_EQ(crypto_.verifications, 0);
}

TEST_F(FrameVerifierTest, ReplayedOldFramesDoNotPushOutNewOnes) {
  // All in the same set of the cache, and it is full.
  constexpr uint32_t kSets = FrameVerifier::kSets;
  std::vector<Message> wanted;
  for (uint32_t n = 1'000; n < 1'000 + FrameVerifier::kWays; ++n) {
    const auto messages = frame(frame_header(n * kSets, 2, 0));
    EXPECT_TRUE(accepts(messages[0]));
    wanted.push_back(messages[1]);
  }
  for (uint32_t n = 0; n < 100; ++n)
    EXPECT_TRUE(accepts(frame(frame_header(n * kSets, 1, 0))[0])) << "genuine, if late";
  crypto_.verifications = 0;
  for (const Message& message : wanted) EXPECT_TRUE(accepts(message));
  EXPECT_EQ(crypto_.verifications, 0);
}

TEST_F(FrameVerifierTest, RebuildsTheMissingFragmentsByteForByte) {
  const FrameHeader header = frame_header(7, 5, 3);
  const Payloads payloads(header, 4);
  const auto messages = write_all(signer_, header, payloads);
  EXPECT_FALSE(verifier_.rebuild(header, payloads.spans)) << "nothing verified yet";
  EXPECT_TRUE(accepts(messages[6]));
  const auto rebuilt = verifier_.rebuild(header, payloads.spans);
  ASSERT_TRUE(rebuilt);
  for (uint8_t i = 0; i < header.total(); ++i) {
    Message message(fragment_message_size(header));
    const VerifiedFragment fragment = verifier_.write(*rebuilt, i, message);
    EXPECT_EQ(fragment.view().id(), (FragmentId{header.id, i}));
    EXPECT_EQ(message, messages[i]);
  }
}

TEST_F(FrameVerifierTest, RebuildsNothingFromWrongPayloads) {
  const FrameHeader header = frame_header(7, 5, 3);
  Payloads payloads(header, 4);
  EXPECT_TRUE(accepts(write_all(signer_, header, payloads)[0]));
  ASSERT_TRUE(verifier_.rebuild(header, payloads.spans));
  payloads.bytes[7][0] ^= 1;
  EXPECT_FALSE(verifier_.rebuild(header, payloads.spans));
  payloads.bytes[7][0] ^= 1;
  FrameHeader other = header;
  other.epoch = 1;
  EXPECT_FALSE(verifier_.rebuild(other, payloads.spans));
  std::span<const ByteSpan> spans = payloads.spans;
  EXPECT_FALSE(verifier_.rebuild(header, spans.first(7)));
  payloads.spans[3] = payloads.spans[3].first(49);
  EXPECT_FALSE(verifier_.rebuild(header, spans));
}

TEST_F(FrameVerifierTest, AnyFragmentProvesWhatTheOthersHaveInCommon) {
  for (uint8_t n : {2, 3, 8, 13}) {
    const FrameHeader header = frame_header(n, n, 1);
    const auto messages = frame(header);
    for (const Message& first : messages) {
      FrameVerifier verifier(crypto_, key_.public_key());
      EXPECT_EQ(verifier.proof_of(header.id), nullptr);
      ASSERT_TRUE(verifier.verify(*wire::parse_fragment(first)));
      const FrameProof* proof = verifier.proof_of(header.id);
      ASSERT_NE(proof, nullptr);
      for (const Message& message : messages) {
        Bytes<kMaxMessageSize> lean, whole;
        const size_t size = wire::write_lean_fragment(lean, message);
        EXPECT_EQ(size, message.size() - wire::kLeanSaving);
        EXPECT_EQ(to_hex(wire::restore_fragment(whole, ByteSpan(lean).first(size), *proof)),
                  to_hex(message));
      }
    }
  }
}

TEST_F(FrameVerifierTest, TheTestSwitchBelievesEverything) {
  FrameVerifier believer(crypto_, key_.public_key(), false);
  auto messages = frame(frame_header(7, 3, 1));
  messages[0].back() ^= 1;
  EXPECT_TRUE(believer.verify(*wire::parse_fragment(messages[0])));
  EXPECT_EQ(crypto_.verifications, 0);
}

}  // namespace
}  // namespace swarmcast::crypto
