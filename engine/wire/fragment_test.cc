#include "engine/wire/fragment.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

FrameHeader picture() {
  return {.id = {kVideoTrack, FrameNumber(1000)},
          .index_in_chunk = 1,
          .temporal_id = 2,
          .depends_on = 1,
          .epoch = 5,
          .capture = StreamTime::from_ms(50'050),
          .sealed_size = 2'000,
          .k = 3,
          .r = 2};
}

std::vector<uint8_t> random_bytes(Prng& random, size_t n) {
  std::vector<uint8_t> out(n);
  for (uint8_t& b : out) b = static_cast<uint8_t>(random.next());
  return out;
}

std::vector<uint8_t> message_of(const FrameHeader& header, uint8_t index, Prng& random) {
  Signature signature{};
  const auto path = random_bytes(random, merkle_depth(header.total()) * kMerkleNodeSize);
  const auto payload = random_bytes(random, header.fragment_payload());
  std::vector<uint8_t> message(fragment_message_size(header));
  write_fragment(message, header, index, signature, path, payload);
  return message;
}

TEST(Fragment, FromVector) {
  const auto vectors = known_answers("fragment");
  for (const auto& v : vectors.at("valid")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const FrameHeader header = header_from(v.at("header"));
    const auto message = from_hex(v.at("message"));
    EXPECT_EQ(to_hex(encode_frame_header(header)), v.at("encoded_header").get<std::string>());

    const auto view = parse_fragment(message);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->header, header);
    EXPECT_EQ(view->index, v.at("index").get<int>());
    EXPECT_EQ(view->payload.size(), header.fragment_payload());
    HopHeader hop{.stripe = StripeId(v.at("stripe")), .link_sequence = v.at("link_sequence")};
    if (!v.at("answers").is_null()) hop.answers = v.at("answers").get<uint16_t>();
    EXPECT_EQ(parse_hop_header(message), hop);

    Signature signature;
    std::copy(view->signature.begin(), view->signature.end(), signature.begin());
    std::vector<uint8_t> written(message.size());
    write_fragment(MutableByteSpan(written).first(view->message.size()), header, view->index,
                   signature, view->path, view->payload);
    write_hop_header(written, hop);
    EXPECT_EQ(to_hex(written), to_hex(message));
  }
}

TEST(Fragment, RefusesInvalidVectors) {
  for (const auto& v : known_answers("fragment").at("invalid"))
    EXPECT_FALSE(parse_fragment(from_hex(v.at("message")))) << v.at("name");
}

TEST(Fragment, RoundTripsEveryShapeOfFrame) {
  Prng random(1);
  for (size_t k = 1; k <= kMaxSourceFragments; ++k) {
    const size_t r = random.below(kMaxFragmentsPerFrame - k + 1);
    FrameHeader header = picture();
    header.k = static_cast<uint8_t>(k);
    header.r = static_cast<uint8_t>(r);
    header.sealed_size = static_cast<uint32_t>(k * (200 + random.below(700)));
    const auto index = static_cast<uint8_t>(random.below(k + r));
    const auto message = message_of(header, index, random);
    const auto view = parse_fragment(message);
    ASSERT_TRUE(view) << k << "+" << r;
    EXPECT_EQ(view->header, header);
    EXPECT_EQ(view->id(), (FragmentId{header.id, index}));
    EXPECT_EQ(view->path.size(), merkle_depth(k + r) * kMerkleNodeSize);
    EXPECT_EQ(view->message.data(), message.data());
  }
}

TEST(Fragment, RefusesEveryOtherLength) {
  Prng random(2);
  auto message = message_of(picture(), 0, random);
  for (size_t n = 0; n < message.size(); ++n)
    EXPECT_FALSE(parse_fragment(ByteSpan(message).first(n))) << n;
  message.push_back(0);
  EXPECT_FALSE(parse_fragment(message));
}

TEST(Fragment, LeavesRoomForTheTrailerOfARepair) {
  FrameHeader header = picture();
  header.k = 1;
  header.r = 0;
  header.sealed_size = kMaxFragmentPayload;
  Prng random(3);
  auto message = message_of(header, 0, random);
  EXPECT_EQ(message.size(), kMaxFragmentMessageSize);
  EXPECT_TRUE(parse_fragment(message));
  message.resize(kMaxMessageSize);
  write_hop_header(message, {.answers = 7});
  EXPECT_TRUE(parse_fragment(message));
  header.sealed_size = kMaxFragmentPayload + 1;
  message = message_of(header, 0, random);
  EXPECT_FALSE(parse_fragment(message)) << "could not be sent as a repair";
}

TEST(Fragment, HopHeaderLeavesTheRestAlone) {
  Prng random(4);
  auto message = message_of(picture(), 3, random);
  const auto before = message;
  write_hop_header(message, {.stripe = StripeId(31), .link_sequence = 65'535});
  EXPECT_TRUE(
      equal(ByteSpan(message).subspan(kHopHeaderSize), ByteSpan(before).subspan(kHopHeaderSize)));
  EXPECT_EQ(to_string(*parse_fragment(message)), "fragment 3 of 3+2, track 0 frame 1000 T2");
}

TEST(Fragment, ARepairCarriesTheNumberItAnswersBehindTheFragment) {
  Prng random(5);
  const auto fragment = message_of(picture(), 3, random);
  auto message = fragment;
  message.resize(fragment.size() + kRepairTrailerSize);
  const HopHeader hop{.stripe = StripeId(2), .link_sequence = 9, .answers = 0xbeef};
  write_hop_header(message, hop);
  const auto view = parse_fragment(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(parse_hop_header(message), hop);
  EXPECT_EQ(view->message.size(), fragment.size())
      << "the trailer is the hop's, not the fragment's";
  EXPECT_TRUE(
      equal(view->message.subspan(kHopHeaderSize), ByteSpan(fragment).subspan(kHopHeaderSize)));
  EXPECT_FALSE(parse_fragment(ByteSpan(message).first(fragment.size()))) << "trailer missing";
  message[1] &= static_cast<uint8_t>(~kHopRepairFlag);
  EXPECT_FALSE(parse_fragment(message)) << "trailer without the flag";
}

// What is accepted has every value in its range, whatever the bytes were.
TEST(Fragment, AcceptsOnlyValuesInRange) {
  constexpr uint64_t kSeed = 20'240'901;
  Prng random(kSeed);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto message = message_of(picture(), 1, random);
    for (uint64_t flips = 1 + random.below(3); flips > 0; --flips)
      message[random.below(kFragmentHeaderSize)] ^= static_cast<uint8_t>(1 << random.below(8));
    const auto view = parse_fragment(message);
    if (!view) continue;
    ++accepted;
    const FrameHeader& h = view->header;
    ASSERT_TRUE(h.id.track.value() < kMaxTracks && h.k >= 1 && h.k <= kMaxSourceFragments &&
                h.sealed_size > kAeadTagSize && h.sealed_size <= kMaxSealedFrameSize &&
                view->index < h.total() && h.key == (h.depends_on == 0) &&
                (h.k - 1) * h.fragment_payload() < h.sealed_size)
        << "seed " << kSeed << ", round " << i << ": " << to_string(*view);
    EXPECT_EQ(to_hex(encode_frame_header(h)),
              to_hex(ByteSpan(message).subspan(kHopHeaderSize, kFrameHeaderSize)));
  }
  EXPECT_GT(accepted, 1'000);
}

}  // namespace
}  // namespace swarmcast::wire
