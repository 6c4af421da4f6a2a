// STUN Binding for ICE: answers of the ICE-lite listener and requests of the dialler
// (RFC 8445, RFC 8489; short-term credentials, FINGERPRINT). The coding is libnice's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "host/transport/dial_credentials.h"

namespace swarmcast::transport {

using StunTransaction = Bytes<12>;
inline constexpr size_t kMaxStunSize = 256;  // of what we send

class IceLite {
 public:
  IceLite();
  ~IceLite();

  // True for a Binding request, false for anything else that starts like STUN.
  static bool is_request(ByteSpan datagram);

  // The listener's side. `lookup(ufrag)` gives the credentials for the first half of USERNAME, or
  // nullopt. The result is nullopt unless the message is well formed and both FINGERPRINT and
  // MESSAGE-INTEGRITY are right; then it is those credentials, and `answer`, of size >=
  // kMaxStunSize, is cut to the success response that tells the sender its address `from`. We are
  // always controlled: a sender that says it is, too, gets error 487 as its `answer`, and nullopt
  // (RFC 8445, 7.3.1.1). Else nullopt comes with an empty `answer`.
  using Lookup = std::function<std::optional<DialCredentials>(std::string_view ufrag)>;
  std::optional<DialCredentials> answer(ByteSpan datagram, const Endpoint& from,
                                        const Lookup& lookup, MutableByteSpan& answer);

  // The dialler's side: a request with the given transaction, into `out` of size >= kMaxStunSize.
  // `tie_breaker` is any random number.
  MutableByteSpan request(const DialCredentials& listener, const StunTransaction& transaction,
                          uint64_t tie_breaker, MutableByteSpan out);
  // True for an authentic success response to that request.
  bool is_answer(ByteSpan datagram, const DialCredentials& listener,
                 const StunTransaction& transaction);

 private:
  struct Agent;
  std::unique_ptr<Agent> agent_;
};

}  // namespace swarmcast::transport
