#include "rendezvous_codec/invite.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"
#include "rendezvous_codec/ip_literal.h"
#include "test/support/known_answers.h"

namespace swarmcast::rendezvous {
namespace {

std::optional<Invite> parsed(std::string_view text) {
  const auto result = parse_invite(text);
  const Invite* invite = std::get_if<Invite>(&result);
  return invite ? std::optional(*invite) : std::nullopt;
}

std::optional<InviteError> error_of(std::string_view text) {
  const auto result = parse_invite(text);
  const InviteError* error = std::get_if<InviteError>(&result);
  return error ? std::optional(*error) : std::nullopt;
}

Endpoint endpoint(const char* text) { return *parse_endpoint(text); }

Invite sample() {
  Invite invite;
  for (size_t i = 0; i < 16; ++i) invite.secret[i] = static_cast<uint8_t>(i * 11);
  for (size_t i = 0; i < 16; ++i) invite.source_key_hash[i] = static_cast<uint8_t>(i * 7 + 1);
  for (size_t i = 0; i < 32; ++i) invite.fingerprint[i] = static_cast<uint8_t>(i * 5 + 2);
  invite.entry = endpoint("192.0.2.7:7000");
  return invite;
}

TEST(Invite, FromVector) {
  for (const auto& v : known_answers("invite").at("valid")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const std::string text = v.at("text");
    const auto invite = parsed(text);
    ASSERT_TRUE(invite);
    EXPECT_EQ(to_hex(invite->secret), v.at("secret").get<std::string>());
    EXPECT_EQ(to_hex(invite->source_key_hash), v.at("source_key_hash").get<std::string>());
    EXPECT_EQ(to_hex(invite->fingerprint), v.at("fingerprint").get<std::string>());
    EXPECT_EQ(to_hex(invite->entry.ip), v.at("ip").get<std::string>());
    EXPECT_EQ(invite->entry.port, v.at("port").get<int>());
    EXPECT_EQ(invite->origin, v.at("origin").get<std::string>());
    EXPECT_EQ(invite->meeting ? to_hex(*invite->meeting) : "", v.at("meeting").get<std::string>());
    ASSERT_EQ(invite->hints.size(), v.at("hints").size());
    for (size_t i = 0; i < invite->hints.size(); ++i) {
      EXPECT_EQ(invite->hints[i].type, v.at("hints")[i].at("type").get<int>());
      EXPECT_EQ(to_hex(invite->hints[i].value), v.at("hints")[i].at("value").get<std::string>());
    }
    EXPECT_EQ(text.starts_with("http") ? invite_url(*invite) : invite_app_link(*invite), text);
  }
}

TEST(Invite, SaysWhatIsWrongWithInvalidVectors) {
  const std::map<std::string, InviteError> names = {
      {"not_an_invite", InviteError::kNotAnInvite}, {"cut_short", InviteError::kCutShort},
      {"damaged", InviteError::kDamaged},           {"newer_version", InviteError::kNewerVersion},
      {"no_address", InviteError::kNoAddress},
  };
  for (const auto& v : known_answers("invite").at("invalid"))
    EXPECT_EQ(error_of(v.at("text").get<std::string>()), names.at(v.at("error"))) << v.at("name");
}

TEST(Invite, EveryErrorHasItsSentence) {
  std::map<std::string_view, int> seen;
  for (auto error : {InviteError::kNotAnInvite, InviteError::kCutShort, InviteError::kDamaged,
                     InviteError::kNewerVersion, InviteError::kNoAddress})
    ++seen[sentence(error)];
  EXPECT_EQ(seen.size(), 5u);
}

TEST(Invite, FitsTheQrCode) {
  Invite invite = sample();
  invite.entry = endpoint("[2001:db8:1234:5678:9abc:def0:1234:5678]:65535");
  EXPECT_LE(invite_url(invite).size(), kMaxQrText);
  invite.entry = endpoint("255.255.255.254:65535");
  const InviteHint onion{.type = 1, .value = std::vector<uint8_t>(35)};
  invite.hints.push_back(onion);
  EXPECT_LE(invite_url(invite).size(), kMaxQrText);
}

TEST(Invite, IgnoresWhiteSpaceAroundItAndCaseBeforeIt) {
  const Invite invite = sample();
  std::string url = invite_url(invite);
  EXPECT_EQ(parsed("  \r\n" + url + "\t\n"), invite);
  url.replace(0, 4, "HTTP");
  EXPECT_EQ(parsed(url), invite);
  EXPECT_EQ(parsed("SwarmCast:" + invite_app_link(invite).substr(10)), invite);
}

TEST(Invite, LeavesTheAddressOutOnlyWhereHostSaysIt) {
  Invite invite = sample();
  const size_t without = invite_url(invite).size();
  invite.origin = "https://192.0.2.7:7000";
  EXPECT_EQ(invite_url(invite).size(), without + 1);
  invite.origin = "http://192.0.2.8:7000";
  EXPECT_EQ(invite_url(invite).size(), without + 8);
  EXPECT_EQ(parsed(invite_url(invite)), invite);
  invite.origin = "http://live.example";
  EXPECT_EQ(parsed(invite_url(invite)), invite);
  invite.entry.port = 80;
  invite.origin = "http://192.0.2.7";
  EXPECT_EQ(parsed(invite_url(invite)), invite);
}

TEST(Invite, RefusesHostsThatCouldBeMistaken) {
  const std::string payload = invite_app_link(sample()).substr(10);
  EXPECT_TRUE(parsed("http://live.example/any/path?x=1#" + payload));
  for (const char* host : {"", "user@live.example", "live.example\\x", "a b", "\x1b[2J", "%6c"})
    EXPECT_FALSE(parsed(std::string("http://") + host + "/#" + payload)) << host;
}

Invite random_invite(Prng& random) {
  Invite invite;
  auto fill = [&](auto& bytes) {
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next());
  };
  fill(invite.secret);
  fill(invite.source_key_hash);
  fill(invite.fingerprint);
  if (random.chance(0.5)) {
    fill(invite.entry.ip);
    invite.entry.ip[0] = 0x20;
  } else {
    invite.entry = endpoint("198.51.100.1:1");
    invite.entry.ip[15] = static_cast<uint8_t>(random.next());
  }
  invite.entry.port = static_cast<uint16_t>(1 + random.below(65'535));
  if (random.chance(0.3)) invite.origin = "https://live.example:8443";
  for (uint64_t n = random.below(4); n > 0; --n) {
    std::vector<uint8_t> value(random.below(60));
    fill(value);
    invite.hints.push_back({static_cast<uint8_t>(random.next()), value});
  }
  return invite;
}

TEST(Invite, EveryInviteSurvivesBothForms) {
  constexpr uint64_t kSeed = 11;
  Prng random(kSeed);
  for (int i = 0; i < 2'000; ++i) {
    Invite invite = random_invite(random);
    ASSERT_EQ(parsed(invite_url(invite)), invite) << "seed " << kSeed << ", round " << i;
    const std::string app = invite_app_link(invite);
    invite.origin.clear();
    ASSERT_EQ(parsed(app), invite) << "seed " << kSeed << ", round " << i;
  }
}

TEST(Invite, EveryCutIsNoticed) {
  const std::string url = invite_url(sample());
  for (size_t n = 0; n < url.size(); ++n) {
    const auto error = error_of(url.substr(0, n));
    ASSERT_TRUE(error) << n;
    const bool in_payload = n > url.find('#');
    EXPECT_EQ(error, in_payload ? InviteError::kCutShort : InviteError::kNotAnInvite) << n;
  }
}

// One wrong character is an error, or it does not matter (HTTP for http).
TEST(Invite, EveryMistypedCharacterIsNoticed) {
  const Invite invite = sample();
  for (const std::string& text : {invite_url(invite), invite_app_link(invite)}) {
    for (size_t at = 0; at < text.size(); ++at) {
      for (int c = 1; c < 128; ++c) {
        std::string wrong = text;
        wrong[at] = static_cast<char>(c);
        const auto result = parsed(wrong);
        ASSERT_TRUE(!result || *result == invite) << wrong;
      }
    }
  }
}

TEST(Invite, RandomDamageIsNoticed) {
  constexpr uint64_t kSeed = 12;
  Prng random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    Invite invite = random_invite(random);
    if (random.chance(0.5)) invite.origin.clear();
    std::string text = invite.origin.empty() ? invite_app_link(invite) : invite_url(invite);
    const size_t payload = text.find_first_of(text.starts_with("http") ? "#" : ":") + 1;
    for (uint64_t n = 1 + random.below(5); n > 0; --n) {
      const size_t at = payload + random.below(text.size() - payload);
      switch (random.below(4)) {
        case 0:
          text[at] = static_cast<char>(random.next());
          break;
        case 1:
          text.erase(at, 1 + random.below(4));
          break;
        case 2:
          text.insert(at, 1, static_cast<char>('A' + random.below(26)));
          break;
        default:
          std::swap(text[at], text[payload]);
      }
      if (text.size() <= payload) break;
    }
    const auto result = parsed(text);
    ASSERT_TRUE(!result || *result == invite) << "seed " << kSeed << ": " << text;
  }
}

}  // namespace
}  // namespace swarmcast::rendezvous
