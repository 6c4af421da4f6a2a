// Session descriptions (RFC 8866) of WebRTC peers that have data channels and nothing else: the ICE
// attributes of RFC 8839, the DTLS and SCTP ones of RFC 8122, RFC 8842 and RFC 8841. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/link_description.h"
#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {

inline constexpr size_t kMaxSdpSize = 16'384;
inline constexpr size_t kMaxMidSize = 32;
// What browsers announce. Our messages are far shorter.
inline constexpr uint32_t kMaxMessageSizeAttribute = 262'144;

// Who begins the DTLS handshake (RFC 8842).
enum class DtlsSetup {
  kActpass,  // offer: either
  kActive,   // the client
  kPassive,  // the server
};

struct SessionDescription {
  LinkDescription link;  // never native
  DtlsSetup setup = DtlsSetup::kActpass;
  std::string mid = "0";  // names the media section; an answer repeats that of the offer
  bool ice_lite = false;
  uint16_t sctp_port = kSctpPort;
  uint32_t max_message_size = kMaxMessageSizeAttribute;  // bytes; 0: any
  bool operator==(const SessionDescription&) const = default;
};

enum class SdpError {
  kNotSdp,         // not lines of the form x=..., or too long
  kNoDataChannel,  // no media section for data channels, or a refused one
  kOtherMedia,     // sound or pictures besides
  kCredentials,    // no ICE user name and password within our limits
  kFingerprint,    // no SHA-256 fingerprint
  kAttribute,      // another attribute that cannot be read: setup, mid, SCTP port
};
// What is wrong, for a log or a person.
const char* sentence(SdpError error);

// Reads an offer or answer. Candidates that cannot be used (TCP, names such as those of mDNS,
// other components, malformed ones) are left out, and so are those beyond kMaxCandidates.
std::variant<SessionDescription, SdpError> parse_sdp(std::string_view text);

// The description as a browser accepts it; `session` is the session's number, any below 2^63. What
// parse_sdp() has read comes out so that it reads the same again.
std::string write_sdp(const SessionDescription& description, uint64_t session);

}  // namespace swarmcast::transport
