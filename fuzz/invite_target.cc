#include "engine/base/check.h"
#include "fuzz/targets.h"
#include "rendezvous_codec/invite.h"
#include "rendezvous_codec/ip_literal.h"

namespace swarmcast::fuzz {
namespace {

using rendezvous::Invite;

bool reads_as(const std::string& text, const Invite& expected) {
  const auto result = rendezvous::parse_invite(text);
  const Invite* invite = std::get_if<Invite>(&result);
  return invite && *invite == expected;
}

}  // namespace

const std::vector<std::vector<uint8_t>>& genuine_invites() {
  static const std::vector<std::vector<uint8_t>> invites = [] {
    Invite plain{.secret = {1, 2}, .source_key_hash = {3}, .fingerprint = {4}};
    plain.entry = *rendezvous::parse_endpoint("192.0.2.7:7000");
    Invite rich = plain;
    rich.entry = *rendezvous::parse_endpoint("[2001:db8::7]:443");
    rich.origin = "https://live.example";
    rich.hints = {{.type = 1, .value = {5, 6, 7}}, {.type = 200}};
    std::vector<std::vector<uint8_t>> out;
    for (const Invite& invite : {plain, rich})
      for (const std::string& text : {invite_url(invite), invite_app_link(invite)})
        out.emplace_back(text.begin(), text.end());
    Invite meeting = rich;
    meeting.entry = {};
    meeting.meeting = {8, 9};
    const std::string text = invite_url(meeting);
    out.emplace_back(text.begin(), text.end());
    return out;
  }();
  return invites;
}

void invite(ByteSpan text) {
  const auto result =
      rendezvous::parse_invite({reinterpret_cast<const char*>(text.data()), text.size()});
  const Invite* read = std::get_if<Invite>(&result);
  if (!read) {
    SWARMCAST_CHECK(!sentence(std::get<rendezvous::InviteError>(result)).empty());
    return;
  }
  Invite expected = *read;
  SWARMCAST_CHECK(reads_as(invite_url(expected), expected));
  if (expected.meeting) return;  // it has no other form
  const std::string app_link = invite_app_link(expected);
  expected.origin.clear();
  SWARMCAST_CHECK(reads_as(app_link, expected));
}

}  // namespace swarmcast::fuzz
