#include "rendezvous_codec/invite.h"

#include <algorithm>
#include <optional>

#include "engine/base/byte_io.h"
#include "rendezvous_codec/base64url.h"
#include "rendezvous_codec/crc32.h"
#include "rendezvous_codec/ip_literal.h"

namespace swarmcast::rendezvous {
namespace {

constexpr std::string_view kAppScheme = "swarmcast:";
constexpr uint8_t kMagic = 0x50;  // high half of the first byte; the low half is the version
constexpr uint8_t kMagicMask = 0xf0;
constexpr uint8_t kVersion = 1;
constexpr uint8_t kAddressMask = 0x03;
constexpr uint8_t kNoAddressFlag = 0;
constexpr uint8_t kIpv4Flag = 1;
constexpr uint8_t kIpv6Flag = 2;
constexpr uint8_t kMeetingFlag = 3;
constexpr size_t kPrefixSize = 3;  // magic and version, length: the same in every version
constexpr size_t kFixedSize = kPrefixSize + 1 + 16 + 16 + 32;
constexpr size_t kChecksumSize = 4;
constexpr size_t kMaxPayloadSize = kMaxInviteText * 3 / 4;
constexpr size_t kIpv4Offset = 12;  // of the IPv4 address within its IPv6-mapped form

// --- writing ---

void append(std::vector<uint8_t>& out, ByteSpan bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_u16(std::vector<uint8_t>& out, size_t v) {
  out.push_back(static_cast<uint8_t>(v >> 8));
  out.push_back(static_cast<uint8_t>(v));
}

// Over the payload and the entry, wherever that is written: a mistyped HOST is noticed too.
uint32_t checksum(ByteSpan payload, const Endpoint& entry) {
  const Bytes<2> port{static_cast<uint8_t>(entry.port >> 8), static_cast<uint8_t>(entry.port)};
  return crc32(port, crc32(entry.ip, crc32(payload)));
}

void append_address(std::vector<uint8_t>& out, const Endpoint& entry) {
  append(out, ByteSpan(entry.ip).subspan(is_ipv4(entry.ip) ? kIpv4Offset : 0));
  append_u16(out, entry.port);
}

std::string encode_payload(const Invite& invite, bool with_address) {
  std::vector<uint8_t> out{kMagic | kVersion, 0, 0, kNoAddressFlag};
  append(out, invite.secret);
  append(out, invite.source_key_hash);
  append(out, invite.fingerprint);
  if (invite.meeting) {
    out[kPrefixSize] = kMeetingFlag;
    append(out, *invite.meeting);
  } else if (with_address) {
    out[kPrefixSize] = is_ipv4(invite.entry.ip) ? kIpv4Flag : kIpv6Flag;
    append_address(out, invite.entry);
  }
  for (const InviteHint& hint : invite.hints) {
    SWARMCAST_CHECK(hint.value.size() <= 255);
    out.push_back(hint.type);
    out.push_back(static_cast<uint8_t>(hint.value.size()));
    append(out, hint.value);
  }
  const size_t length = out.size() + kChecksumSize;
  SWARMCAST_CHECK(length <= kMaxPayloadSize);
  out[1] = static_cast<uint8_t>(length >> 8);
  out[2] = static_cast<uint8_t>(length);
  const uint32_t crc = checksum(out, invite.entry);
  append_u16(out, crc >> 16);
  append_u16(out, crc & 0xffff);
  return base64url_encode(out);
}

// --- reading ---

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// An invite's text taken apart.
struct Parts {
  std::string origin;  // "http://host:port" in lower case; empty in the app form
  std::string_view payload;
};

std::optional<Parts> split(std::string_view text) {
  if (lower(text.substr(0, kAppScheme.size())) == kAppScheme)
    return Parts{.payload = text.substr(kAppScheme.size())};
  const size_t hash = text.find('#');
  const size_t scheme_end = text.find("://");
  if (hash == std::string_view::npos || scheme_end > hash) return std::nullopt;
  const std::string scheme = lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const size_t host = scheme_end + 3;
  const size_t host_end = std::min(text.find_first_of("/?#", host), hash);
  return Parts{.origin = lower(text.substr(0, host_end)), .payload = text.substr(hash + 1)};
}

// "host:port" of a non-empty origin.
std::string_view authority_of(std::string_view origin) {
  return origin.substr(origin.find("://") + 3);
}

// HOST and PORT of an origin, if HOST is an IP address.
std::optional<Endpoint> endpoint_of(std::string_view origin) {
  if (origin.empty()) return std::nullopt;
  const std::string_view host = authority_of(origin);
  if (const auto endpoint = parse_endpoint(host)) return endpoint;
  return parse_endpoint(std::string(host) + (origin.starts_with("https") ? ":443" : ":80"));
}

// Nothing that a terminal, a page or a URL parser could take for something else.
bool is_plain_host(std::string_view host) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
  return !host.empty() && host.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::optional<Endpoint> read_address(ByteReader& in, uint8_t kind) {
  Endpoint entry;
  if (kind == kIpv4Flag) {
    entry.ip[10] = entry.ip[11] = 0xff;
    std::ranges::copy(in.array<4>(), entry.ip.begin() + kIpv4Offset);
  } else {
    entry.ip = in.array<16>();
  }
  entry.port = in.u16();
  return in.ok() ? std::optional(entry) : std::nullopt;
}

bool read_hints(ByteReader& in, std::vector<InviteHint>& hints) {
  while (in.ok() && !in.rest().empty()) {
    InviteHint hint{.type = in.u8()};
    const ByteSpan value = in.bytes(in.u8());
    hint.value.assign(value.begin(), value.end());
    hints.push_back(std::move(hint));
  }
  return in.ok();
}

// Magic and length, which every version has in the same place.
std::optional<InviteError> check_frame(const Base64Decoded& decoded, bool has_origin) {
  const std::vector<uint8_t>& bytes = decoded.bytes;
  const InviteError foreign = has_origin ? InviteError::kNotAnInvite : InviteError::kDamaged;
  if (bytes.empty()) return decoded.clean ? InviteError::kCutShort : foreign;
  if ((bytes[0] & kMagicMask) != kMagic) return foreign;
  const bool has_length = bytes.size() >= kPrefixSize;
  const size_t length = has_length ? size_t{bytes[1]} << 8 | bytes[2] : kPrefixSize;
  if (length > kMaxPayloadSize) return foreign;
  if (!decoded.clean) return InviteError::kDamaged;
  if (bytes.size() < length) return InviteError::kCutShort;
  if (bytes.size() > length || !decoded.exact) return InviteError::kDamaged;
  return std::nullopt;
}

std::optional<InviteError> check_version(ByteSpan bytes) {
  const uint8_t version = bytes[0] & ~kMagicMask;
  if (version > kVersion) return InviteError::kNewerVersion;
  const bool whole = version == kVersion && bytes.size() >= kFixedSize + kChecksumSize;
  return whole ? std::nullopt : std::optional(InviteError::kDamaged);
}

std::variant<Invite, InviteError> read_payload(ByteSpan bytes, const std::string& origin) {
  const ByteSpan content = bytes.first(bytes.size() - kChecksumSize);
  ByteReader in(content);
  in.bytes(kPrefixSize);
  const uint8_t flags = in.u8();
  const uint8_t address = flags & kAddressMask;
  Invite invite{.secret = in.array<16>(),
                .source_key_hash = in.array<16>(),
                .fingerprint = in.array<32>(),
                .origin = origin};
  if (address == kMeetingFlag) invite.meeting = in.array<16>();
  const auto entry = address == kNoAddressFlag ? endpoint_of(origin)
                     : invite.meeting          ? Endpoint{}
                                               : read_address(in, address);
  if (!in.ok()) return InviteError::kDamaged;
  if (!entry) return address == kNoAddressFlag ? InviteError::kNoAddress : InviteError::kDamaged;
  invite.entry = *entry;
  if (ByteReader(bytes.last(kChecksumSize)).u32() != checksum(content, *entry))
    return InviteError::kDamaged;
  if (flags != address) return InviteError::kNewerVersion;
  if (!read_hints(in, invite.hints)) return InviteError::kDamaged;
  if (invite.meeting)
    return origin.empty() ? std::variant<Invite, InviteError>(InviteError::kNoAddress) : invite;
  if (!is_dialable(entry->ip) || entry->port == 0) return InviteError::kNoAddress;
  if (origin == "http://" + format_endpoint(*entry)) invite.origin.clear();
  return invite;
}

}  // namespace

std::string_view sentence(InviteError error) {
  switch (error) {
    case InviteError::kNotAnInvite:
      return "This is not a SWARMCAST invite. An invite looks like http://HOST:PORT/#... or "
             "swarmcast:... .";
    case InviteError::kCutShort:
      return "The invite is cut short: its end is missing. Copy the whole line, or scan the code "
             "again.";
    case InviteError::kDamaged:
      return "The invite is damaged: at least one character is wrong. Copy it again instead of "
             "typing it, or scan the code again.";
    case InviteError::kNewerVersion:
      return "The invite comes from a newer version of SWARMCAST. Update yours, then use the "
             "invite again.";
    case InviteError::kNoAddress:
      return "The invite holds no address that can be dialled. Ask for a new one from somebody "
             "who is in the broadcast.";
  }
  SWARMCAST_CHECK(false);
}

std::variant<Invite, InviteError> parse_invite(std::string_view text) {
  text = trim(text);
  if (text.size() > kMaxInviteText) return InviteError::kNotAnInvite;
  const auto parts = split(text);
  if (!parts) return InviteError::kNotAnInvite;
  const bool has_origin = !parts->origin.empty();
  const Base64Decoded decoded = base64url_decode(parts->payload);
  if (const auto error = check_frame(decoded, has_origin)) return *error;
  if (const auto error = check_version(decoded.bytes)) return *error;
  if (has_origin && !is_plain_host(authority_of(parts->origin))) return InviteError::kDamaged;
  return read_payload(decoded.bytes, parts->origin);
}

std::string invite_url(const Invite& invite) {
  const std::string origin =
      invite.origin.empty() ? "http://" + format_endpoint(invite.entry) : invite.origin;
  const auto said = endpoint_of(origin);
  return origin + "/#" + encode_payload(invite, said != invite.entry);
}

std::string invite_app_link(const Invite& invite) {
  return std::string(kAppScheme) + encode_payload(invite, true);
}

}  // namespace swarmcast::rendezvous
