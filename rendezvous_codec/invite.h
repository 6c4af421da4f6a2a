// The invite: everything a stranger needs to join, as a link or a QR code (spec/invite.md).
//
//   http://HOST:PORT/#PAYLOAD     swarmcast:PAYLOAD        PAYLOAD in base64url:
//
//   0       1                3       4              20                36
//   | 0x51  | length (2)     | flags | secret (16)  | key hash (16)   | fingerprint (32) |
//   | address (0, 6, 18 or 16) | hints ... | CRC-32 (4) |
#pragma once

#include <optional>
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
  Endpoint entry;             // where the entry listens, UDP; port 0: nowhere, `meeting` is set
  // The entry cannot listen: it waits under this topic at the gateway of the page.
  std::optional<Bytes<16>> meeting;
  // Where the page is served that a browser opens, "https://live.example" or
  // "http://192.0.2.1:7000"; empty: "http://" and the entry itself.
  std::string origin;
  std::vector<InviteHint> hints;
  bool operator==(const Invite&) const = default;
};

// Stands for the address of an entry that has none, in the discard prefix (RFC 6666): an entry is
// dialled before it is called.
inline constexpr Endpoint kNobody{.ip = {0x01, 0x00}, .port = 9};

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

// The link form. The payload leaves the address out if HOST says it. The entry is dialable, or
// there is a meeting place and an origin.
std::string invite_url(const Invite& invite);
// The form that only the installed app opens; not for a meeting place.
std::string invite_app_link(const Invite& invite);

}  // namespace swarmcast::rendezvous
