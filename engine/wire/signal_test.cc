#include "engine/wire/signal.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

KnownAnswer vectors() { return known_answers("signalling"); }

std::optional<LinkDescription> description_of(ByteSpan bytes) {
  ByteReader in(bytes);
  const auto d = read_link_description(in);
  return in.finished() ? d : std::nullopt;
}

std::vector<uint8_t> encoded(const LinkDescription& d) {
  std::vector<uint8_t> bytes(kMaxLinkDescriptionSize);
  ByteWriter out(bytes);
  write_link_description(out, d);
  bytes.resize(out.size());
  return bytes;
}

TEST(LinkDescriptionWire, FromVector) {
  for (const auto& v : vectors().at("descriptions")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const auto bytes = from_hex(v.at("bytes"));
    const auto d = description_of(bytes);
    ASSERT_TRUE(d);
    EXPECT_EQ(to_hex(encoded(*d)), to_hex(bytes));
  }
  const auto usual = description_of(from_hex(vectors().at("descriptions")[0].at("bytes")));
  EXPECT_EQ(usual->ufrag.view(), "Ab+/");
  EXPECT_TRUE(usual->native);
  ASSERT_EQ(usual->candidates().size(), 2u);
  EXPECT_EQ(usual->candidates()[1].type, CandidateType::kServerReflexive);
  EXPECT_EQ(usual->candidates()[1].endpoint.port, 4'001);
  EXPECT_EQ(usual->candidates()[1].priority, 0xffff'fffeu);
}

TEST(LinkDescriptionWire, InvalidVectorsAreRefused) {
  for (const auto& v : vectors().at("invalid_descriptions"))
    EXPECT_FALSE(description_of(from_hex(v.at("bytes")))) << v.at("name");
}

TEST(SignalText, FromVector) {
  for (const auto& v : vectors().at("texts")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const auto bytes = from_hex(v.at("bytes"));
    const auto text = parse_signal_text(bytes);
    ASSERT_TRUE(text);
    EXPECT_EQ(to_hex(encode_signal_text(*text)), to_hex(bytes));
  }
  const auto knock = parse_signal_text(from_hex(vectors().at("texts")[0].at("bytes")));
  EXPECT_EQ(knock->sent, StreamTime::from_us(5'000'000));
  EXPECT_FALSE(std::get<Knock>(knock->content).listener_certificate);
  const auto at_entry = parse_signal_text(from_hex(vectors().at("texts")[1].at("bytes")));
  EXPECT_FALSE(at_entry->sent);
  EXPECT_TRUE(std::get<Knock>(at_entry->content).listener_certificate);
}

TEST(SignalText, InvalidVectorsAreRefused) {
  for (const auto& v : vectors().at("invalid_texts"))
    EXPECT_FALSE(parse_signal_text(from_hex(v.at("bytes")))) << v.at("name");
}

// Flipped bits, cut-off ends: refused, or exactly what the bytes say.
TEST(SignalText, WhatIsAcceptedIsCanonical) {
  const uint64_t seed = 7;
  Prng random(seed);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto& texts = vectors().at("texts");
    auto bytes = from_hex(texts[random.below(texts.size())].at("bytes"));
    for (uint64_t flips = 1 + random.below(4); flips > 0; --flips)
      bytes[random.below(bytes.size())] ^= static_cast<uint8_t>(1 << random.below(8));
    const auto text = parse_signal_text(bytes);
    if (!text) continue;
    ++accepted;
    ASSERT_EQ(to_hex(encode_signal_text(*text)), to_hex(bytes))
        << "seed " << seed << ", round " << round;
  }
  EXPECT_GT(accepted, 100);
}

TEST(Signal, HeaderRoundTrips) {
  auto bytes = from_hex(vectors().at("signals")[0].at("bytes"));
  ASSERT_EQ(bytes.size(), kSignalSize);
  set_signal_hops(bytes, 3);
  const auto signal = parse_signal(bytes);
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->hops, 3);
  std::vector<uint8_t> again(bytes);
  write_signal_header(again, *signal);
  EXPECT_EQ(to_hex(again), to_hex(bytes));
}

TEST(Signal, NoiseIsHarmless) {
  Prng random(8);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<uint8_t> bytes(random.chance(0.5) ? kSignalSize : random.below(1'200));
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next());
    if (!bytes.empty()) bytes[0] = static_cast<uint8_t>(0x5e + random.below(4));
    parse_signal(bytes);
    parse_signal_text(bytes);
    description_of(bytes);
    const auto greeting = parse_greeting(bytes);
    if (greeting) {
      EXPECT_EQ(bytes.size(), kGreetingSize);
    }
  }
}

}  // namespace
}  // namespace swarmcast::wire
