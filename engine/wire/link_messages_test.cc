// No parser of a link's own messages takes what spec/link.md calls malformed, nor another's type.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/wire/envelope.h"
#include "engine/wire/feedback.h"
#include "engine/wire/link_vectors_for_test.h"
#include "engine/wire/nak.h"
#include "engine/wire/ping.h"
#include "engine/wire/tick.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

// The types whose parser accepts the message.
std::vector<std::string> accepted_as(ByteSpan message) {
  std::vector<std::string> out;
  if (parse_nak(message)) out.push_back("nak");
  if (parse_settled(message)) out.push_back("settled");
  if (parse_feedback(message)) out.push_back("feedback");
  if (parse_ping(message)) out.push_back("ping");
  if (parse_pong(message)) out.push_back("pong");
  if (parse_tick(message)) out.push_back("tick");
  if (parse_envelope(message)) out.push_back("envelope");
  return out;
}

TEST(LinkMessages, EachVectorIsTakenByItsOwnParserOnly) {
  const auto vectors = known_answers("link");
  for (const auto& entry : vectors.at("valid"))
    EXPECT_EQ(accepted_as(from_hex(entry.at("message"))),
              std::vector<std::string>{entry.at("type")})
        << entry.at("name");
}

TEST(LinkMessages, MalformedOnesAreRefused) {
  const auto vectors = known_answers("link");
  for (const auto& entry : vectors.at("malformed"))
    EXPECT_TRUE(accepted_as(from_hex(entry.at("message"))).empty()) << entry.at("name");
}

TEST(LinkMessages, RandomBytesNeverCrashAParser) {
  Prng random(11);
  std::vector<uint8_t> message;
  for (int i = 0; i < 200'000; ++i) {
    message.resize(random.below(40));
    for (auto& byte : message) byte = static_cast<uint8_t>(random.next());
    constexpr uint8_t kLinkTypes[] = {0x40, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55};
    if (!message.empty()) message[0] = kLinkTypes[random.below(std::size(kLinkTypes))];
    EXPECT_LE(accepted_as(message).size(), 1u);
  }
}

}  // namespace
}  // namespace swarmcast::wire
