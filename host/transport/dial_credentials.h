// ICE credentials of a direct dial. The dialler fabricates the listener's answer and so chooses
// the listener's ufrag and password; the listener derives the same from the swarm secret and keeps
// no state for it (spec: "Direct dial").
//
//   nonce     12 random bytes, fresh per dial
//   mac       BLAKE2b-64(secret, "swarmcast dial mac 1" | nonce | fingerprint), its first 6 bytes
//   ufrag     base64(nonce | mac)                                     24 characters
//   password  base64(BLAKE2b-144(secret, "swarmcast dial pwd 1" | nonce | fingerprint))  24 chars
//
// The fingerprint is that of the listener's certificate: credentials for one node are useless at
// another. Base64 is RFC 4648's, whose alphabet is exactly RFC 8839's ice-char.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "engine/api/options.h"
#include "engine/base/contact.h"
#include "engine/base/crypto_provider.h"

namespace swarmcast::transport {

using DialNonce = Bytes<12>;
inline constexpr size_t kDialMacSize = 6;
inline constexpr size_t kUfragSize = 24;
inline constexpr size_t kPasswordSize = 24;

struct DialCredentials {
  std::array<char, kUfragSize> ufrag{};
  std::array<char, kPasswordSize> password{};
  std::string_view ufrag_text() const { return {ufrag.data(), ufrag.size()}; }
  std::string_view password_text() const { return {password.data(), password.size()}; }
};

// The dialler's side.
DialCredentials make_credentials(const CryptoProvider& crypto, const SwarmSecret& secret,
                                 const Fingerprint& listener, const DialNonce& nonce);

// The listener's side: the credentials that belong to `ufrag`, or nullopt if it was not made with
// our secret for our certificate. Takes any bytes.
std::optional<DialCredentials> check_ufrag(const CryptoProvider& crypto, const SwarmSecret& secret,
                                           const Fingerprint& listener, std::string_view ufrag);

}  // namespace swarmcast::transport
