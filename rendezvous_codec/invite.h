// The invite: everything a stranger needs to join, as a link or a QR code (spec/invite.md).
//
//   http://HOST:PORT/#PAYLOAD     swarmcast:PAYLOAD        PAYLOAD in base64url:
//
//   0       1                3       4              20                36
//   | 0x51  | length (2)     | flags | secret (16)  | key hash (16)   | fingerprint (32) |
//   | address (0, 6 or 18) | hints ... | CRC-32 (4) |
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"

namespace swarmcast::rendezvous {

// A further way in. A reader takes the types it knows and skips the rest.
struct InviteHint {
  uint8_t type = 0;
  std::vector<uint8_t> value;  // at most 255 bytes
  bool operator==(const InviteHint&) const = default;
};

struct Invite {
  Bytes<16> secret{};
  Bytes<16> source_key_hash{};
  Fingerprint fingerprint{};  // of the certificate the entry answers with
  Endpoint entry;             // where the entry listens, UDP
  // Where the page is served that a browser opens, "https://live.example" or
  // "http://192.0.2.1:7000"; empty: "http://" and the entry itself.
  std::string origin;
  std::vector<InviteHint> hints;
  bool operator==(const Invite&) const = default;
};

enum class InviteError {
  kNotAnInvite,
  kCutShort,
  kDamaged,
  kNewerVersion,
  kNoAddress,
};
// What is wrong and what to do, for the person who holds the invite.
std::string_view sentence(InviteError error);

// The longest text that is looked at. An invite with all hints anybody uses is far shorter.
inline constexpr size_t kMaxInviteText = 2'048;
// What fits a QR code of version 9, level M.
inline constexpr size_t kMaxQrText = 180;

// Takes either form; white space around it is ignored.
std::variant<Invite, InviteError> parse_invite(std::string_view text);

// The link form. The payload leaves the address out if HOST says it. invite.entry is dialable.
std::string invite_url(const Invite& invite);
// The form that only the installed app opens.
std::string invite_app_link(const Invite& invite);

}  // namespace swarmcast::rendezvous
