#include "engine/wire/body.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/wire/envelope.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

static_assert(kMaxBodySize == kMaxControlBody);

std::vector<uint8_t> encoded(const Body& body) {
  std::vector<uint8_t> out(kMaxBodySize);
  out.resize(encode_body(out, body));
  return out;
}

// The bytes of the vector of this name.
std::vector<uint8_t> vector_named(const std::string& name) {
  for (const auto& v : known_answers("control").at("valid"))
    if (v.at("name") == name) return from_hex(v.at("bytes"));
  ADD_FAILURE() << "no vector named " << name;
  return {};
}

template <typename T>
T parsed(const std::string& name) {
  const auto body = parse_body(vector_named(name));
  EXPECT_TRUE(body) << name;
  if (!body || !std::holds_alternative<T>(*body)) {
    ADD_FAILURE() << name << " is not a " << T::kName;
    return {};
  }
  return std::get<T>(*body);
}

Endpoint ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}, port};
}

TEST(Body, EveryVectorIsReproducedByteForByte) {
  for (const auto& v : known_answers("control").at("valid")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const auto bytes = from_hex(v.at("bytes"));
    const auto body = parse_body(bytes);
    ASSERT_TRUE(body);
    EXPECT_EQ(to_hex(encoded(*body)), to_hex(bytes));
  }
}

TEST(Body, InvalidVectorsAreRefused) {
  for (const auto& v : known_answers("control").at("invalid"))
    EXPECT_FALSE(parse_body(from_hex(v.at("bytes")))) << v.at("name");
}

TEST(Welcome, FromVector) {
  const auto b = parsed<body::Welcome>("welcome");
  EXPECT_EQ(b.observed, ipv4(203, 0, 113, 9, 40'000));
  EXPECT_EQ(b.stream[3], 0x00);  // the low byte of 1,280 pixels
  EXPECT_EQ(to_string(Body(b)), "WELCOME");
}

TEST(EpochKey, FromVector) {
  const auto b = parsed<body::EpochKey>("epoch key");
  EXPECT_EQ(b.term, 1);
  EXPECT_EQ(b.number, EpochNumber(70'000));
  EXPECT_EQ(b.starts_at, StreamTime::from_us(kMaxStreamTimeUs));
}

TEST(AlsoAt, FromVector) {
  const auto b = parsed<body::AlsoAt>("also at");
  ASSERT_EQ(b.count, 2);
  EXPECT_EQ(b.list()[1], ipv4(198, 51, 100, 8, 7'000));
}

TEST(Path, FromVector) {
  EXPECT_EQ(parsed<body::Path>("path attach").state, body::PathState::kAttach);
  EXPECT_EQ(parsed<body::Path>("path silent"), (body::Path{body::PathState::kSilent, 0xfffe}));
  EXPECT_EQ(parsed<body::Path>("path speaks").state, body::PathState::kSpeaks);
}

TEST(Subscribe, FromVector) {
  const auto b = parsed<body::Subscribe>("subscribe");
  EXPECT_EQ(b.purpose, body::Purpose::kFailover);
  EXPECT_TRUE(b.dialable);
  EXPECT_EQ(b.stripe, StripeId(3));
  EXPECT_TRUE(b.in_vain);
  EXPECT_EQ(b.places, 5);
  EXPECT_EQ(b.height, 2);
  EXPECT_EQ(b.next_frame, FrameNumber(70'000));
}

TEST(Accept, FromVector) {
  EXPECT_EQ(parsed<body::Accept>("accept as guest"),
            (body::Accept{StripeId(3), body::Purpose::kFailover, true}));
}

TEST(Refer, FromVector) {
  const auto b = parsed<body::Refer>("refer, full");
  EXPECT_EQ(b.stripe, StripeId(3));
  EXPECT_EQ(b.reason, body::ReferReason::kFull);
  ASSERT_EQ(b.contacts.count, 2);
  EXPECT_EQ(b.contacts.items[0].endpoint, ipv4(192, 0, 2, 1, 9'000));
  EXPECT_FALSE(b.contacts.items[0].record);
  EXPECT_FALSE(b.contacts.items[1].dialable());
  ASSERT_TRUE(b.contacts.items[1].record);
  EXPECT_TRUE(b.contacts.items[1].record->relay);
  EXPECT_EQ(parsed<body::Refer>("refer, orphan, nobody").reason, body::ReferReason::kOrphan);
}

TEST(State, FromVector) {
  const auto b = parsed<body::State>("state");
  EXPECT_EQ(b.stripe, StripeId(2));
  EXPECT_TRUE(b.attached);
  EXPECT_EQ(b.witnesses, 258u);
  EXPECT_EQ(b.depth, 2);
  EXPECT_TRUE(b.path_contains(b.path[1]));
  EXPECT_FALSE(b.path_contains(PeerId())) << "only the path's own entries count";
  const auto orphan = parsed<body::State>("state at the limit, orphan");
  EXPECT_FALSE(orphan.attached);
  EXPECT_EQ(orphan.depth, kMaxDepth);
}

TEST(Report, FromVector) {
  const auto b = parsed<body::Report>("report");
  EXPECT_EQ(b.stripe, StripeId(1));
  EXPECT_EQ(b.witnesses, 3u);
  EXPECT_EQ(b.peers, 4u);
  EXPECT_EQ(b.height, 1);
  EXPECT_EQ(b.loss, 26);
  EXPECT_EQ(b.delay_ms, 310);
  EXPECT_EQ(b.shed, 2u);
  EXPECT_EQ(b.places, 9);
  ASSERT_EQ(b.count, 2);
  EXPECT_EQ(b.openings[1].depth, 6);
  EXPECT_EQ(b.openings[0].contact.endpoint, ipv4(198, 51, 100, 1, 7'000));
  EXPECT_TRUE(b.openings[1].contact.record);
}

TEST(Contacts, FromVector) {
  const auto b = parsed<body::Contacts>("contacts, six");
  EXPECT_EQ(b.stripe, StripeId(2));
  ASSERT_EQ(b.contacts.count, body::ContactList::kMax);
  EXPECT_EQ(b.contacts.items[2].endpoint, ipv4(192, 0, 2, 3, 9'002));
  EXPECT_TRUE(b.contacts.items[2].record) << "with both, an address and a record";
  EXPECT_EQ(b.contacts.items[3].endpoint, ipv4(192, 0, 2, 4, 9'003));
  EXPECT_TRUE(b.contacts.items[5].record);
}

TEST(Record, FromVector) {
  const auto b = parsed<body::Record>("record");
  EXPECT_TRUE(b.record.dialable && b.record.browser && b.record.relay);
}

TEST(KeyRequest, FromVector) {
  EXPECT_EQ(parsed<body::KeyRequest>("key request").track, TrackId(7));
}

TEST(Shedding, FromVector) {
  const auto b = parsed<body::Shedding>("shedding");
  EXPECT_EQ(b.stripe, StripeId(3));
  EXPECT_EQ(b.level, 2);
  EXPECT_TRUE(b.here);
}

TEST(Tombstone, FromVector) {
  EXPECT_EQ(parsed<body::Tombstone>("tombstone").last_frame, FrameNumber(0xffff'fffe));
}

template <size_t N>
Bytes<N> random_array(Prng& random) {
  Bytes<N> out;
  for (uint8_t& b : out) b = static_cast<uint8_t>(random.next());
  return out;
}

PeerRecord random_record(Prng& random) {
  return {.identity = random_array<32>(random),
          .box_key = random_array<32>(random),
          .dialable = random.chance(0.5),
          .browser = random.chance(0.5),
          .relay = random.chance(0.5),
          .signature = random_array<64>(random)};
}

Contact random_contact(Prng& random) {
  Contact c{.peer = {random_array<16>(random)}};
  const uint64_t kind = 1 + random.below(3);
  if (kind & 1) {
    c.endpoint = {random_array<16>(random), static_cast<uint16_t>(1 + random.below(65'535))};
    c.fingerprint = random_array<32>(random);
  }
  if (kind & 2) c.record = random_record(random);
  return c;
}

body::ContactList random_list(Prng& random) {
  body::ContactList list;
  for (size_t n = random.below(body::ContactList::kMax + 1); n > 0; --n)
    list.add(random_contact(random));
  return list;
}

StripeId random_stripe(Prng& random) {
  return StripeId(static_cast<uint8_t>(random.below(kMaxStripes)));
}

body::State random_state(Prng& random) {
  body::State b{.stripe = random_stripe(random),
                .attached = random.chance(0.5),
                .witnesses = static_cast<uint32_t>(random.next()),
                .depth = static_cast<uint8_t>(random.below(kMaxDepth + 1))};
  for (uint8_t i = 0; i < b.depth; ++i) b.path[i].bytes = random_array<16>(random);
  return b;
}

body::Report random_report(Prng& random) {
  body::Report b{.stripe = random_stripe(random),
                 .witnesses = static_cast<uint32_t>(1 + random.below(999)),
                 .peers = static_cast<uint32_t>(1'000 + random.below(1'000)),
                 .height = static_cast<uint8_t>(random.below(kMaxDepth + 1)),
                 .loss = static_cast<uint8_t>(random.next()),
                 .delay_ms = static_cast<uint16_t>(random.next()),
                 .shed = static_cast<uint32_t>(random.below(2)),
                 .places = static_cast<uint8_t>(random.next()),
                 .count = static_cast<uint8_t>(random.below(body::Report::kMaxOpenings + 1))};
  for (uint8_t i = 0; i < b.count; ++i)
    b.openings[i] = {static_cast<uint8_t>(random.below(kMaxDepth)), random_contact(random)};
  return b;
}

body::AlsoAt random_addresses(Prng& random) {
  body::AlsoAt b{.count = static_cast<uint8_t>(1 + random.below(kMaxOtherAddresses))};
  for (uint8_t i = 0; i < b.count; ++i)
    b.endpoints[i] = {random_array<16>(random), static_cast<uint16_t>(1 + random.below(65'535))};
  return b;
}

body::Path random_path(Prng& random) {
  const auto state = static_cast<body::PathState>(random.below(3));
  const bool silent = state == body::PathState::kSilent;
  return {state, silent ? static_cast<uint16_t>(random.next()) : uint16_t{0}};
}

// A valid body of the `index`th type.
Body random_body(Prng& random, size_t index) {
  const auto number = [&] { return static_cast<uint32_t>(random.next()); };
  const auto purpose = [&] { return static_cast<body::Purpose>(random.below(3)); };
  switch (index) {
    case 0:
      return body::Welcome{random_array<32>(random), random_contact(random).endpoint,
                           random_array<body::Welcome::kStreamSize>(random),
                           random_array<64>(random)};
    case 1:
      return body::EpochKey{static_cast<uint8_t>(random.next()), EpochNumber(number()),
                            StreamTime::from_us(static_cast<int64_t>(random.next() >> 24)),
                            random_array<32>(random), random_array<64>(random)};
    case 2:
      return body::Subscribe{.stripe = random_stripe(random),
                             .purpose = purpose(),
                             .dialable = random.chance(0.5),
                             .in_vain = random.chance(0.5),
                             .height = static_cast<uint8_t>(random.below(kMaxDepth + 1)),
                             .next_frame = FrameNumber(number()),
                             .fingerprint = random_array<32>(random),
                             .places = static_cast<uint8_t>(random.next())};
    case 3:
      return body::Accept{random_stripe(random), purpose(), random.chance(0.5)};
    case 4:
      return body::Refer{random_stripe(random), static_cast<body::ReferReason>(random.below(4)),
                         random_list(random)};
    case 5:
      return body::Unsubscribe{random_stripe(random)};
    case 6:
      return random_state(random);
    case 7:
      return random_report(random);
    case 8:
      return body::Contacts{random_stripe(random), random_list(random)};
    case 9:
      return body::KeyRequest{TrackId(static_cast<uint8_t>(random.below(kMaxTracks)))};
    case 10:
      return body::Leave{};
    case 11:
      return body::Tombstone{FrameNumber(number()), random_array<64>(random)};
    case 12:
      return body::Record{random_record(random)};
    case 13:
      return body::Shedding{random_stripe(random), static_cast<uint8_t>(random.below(4)),
                            random.chance(0.5)};
    case 14:
      return random_addresses(random);
    default:
      return random_path(random);
  }
}

constexpr size_t kTypes = std::variant_size_v<Body>;

TEST(Body, RoundTrip) {
  Prng random(1);
  for (int round = 0; round < 500; ++round) {
    for (size_t type = 0; type < kTypes; ++type) {
      const Body body = random_body(random, type);
      ASSERT_EQ(body.index(), type);
      const auto bytes = encoded(body);
      const auto again = parse_body(bytes);
      ASSERT_TRUE(again) << to_string(body) << ", round " << round;
      EXPECT_EQ(*again, body) << to_string(body);
    }
  }
}

TEST(Body, EveryOtherLengthIsRefused) {
  Prng random(2);
  for (size_t type = 0; type < kTypes; ++type) {
    const Body body = random_body(random, type);
    auto bytes = encoded(body);
    for (size_t n = 0; n < bytes.size(); ++n)
      EXPECT_FALSE(parse_body(ByteSpan(bytes).first(n))) << to_string(body) << " cut to " << n;
    bytes.push_back(0);
    EXPECT_FALSE(parse_body(bytes)) << to_string(body) << " with a byte more";
  }
}

TEST(Body, TheLargestOfEachFitsAnEnvelope) {
  body::ContactList full;
  for (size_t i = 0; i < body::ContactList::kMax; ++i)
    full.add({.endpoint = {.port = 1}, .record = PeerRecord()});
  EXPECT_EQ(full.count, 5);
  body::Report report{.count = body::Report::kMaxOpenings};
  for (body::Opening& o : report.openings) o.contact = full.items[0];
  for (const Body& body : {Body(body::Contacts{{}, full}), Body(body::Refer{{}, {}, full}),
                           Body(report), Body(body::State{.depth = kMaxDepth})})
    EXPECT_LE(encoded(body).size(), kMaxControlBody) << to_string(body);
}

// Whatever a hostile peer makes of a body: it is refused, or means exactly what its bytes say.
TEST(Body, WhatIsAcceptedIsCanonical) {
  const uint64_t seed = 3;
  Prng random(seed);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = encoded(random_body(random, random.below(kTypes)));
    for (uint64_t flips = 1 + random.below(4); flips > 0; --flips)
      bytes[random.below(std::min<size_t>(bytes.size(), random.chance(0.5) ? 16 : 2'000))] ^=
          static_cast<uint8_t>(1 << random.below(8));
    if (random.chance(0.2)) bytes.resize(random.below(bytes.size() + 8));
    const auto body = parse_body(bytes);
    if (!body) continue;
    ++accepted;
    ASSERT_EQ(to_hex(encoded(*body)), to_hex(bytes)) << "seed " << seed << ", round " << round;
  }
  EXPECT_GT(accepted, 1'000);
  EXPECT_LT(accepted, 19'000);
}

TEST(Body, NoiseIsHarmless) {
  Prng random(4);
  for (int round = 0; round < 50'000; ++round) {
    std::vector<uint8_t> bytes(random.below(1'200));
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next());
    if (!bytes.empty()) bytes[0] = static_cast<uint8_t>(random.below(16));
    const auto body = parse_body(bytes);
    if (body) {
      EXPECT_EQ(to_hex(encoded(*body)), to_hex(bytes));
    }
  }
}

}  // namespace
}  // namespace swarmcast::wire
