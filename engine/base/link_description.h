// What a peer that cannot simply be dialled tells another, so that both find a path between them:
// ICE credentials and candidates (RFC 8445, RFC 8839) and the DTLS certificate (RFC 8122).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/contact.h"

namespace swarmcast {

// RFC 8839, 5.4: a ufrag has 4 to 256 characters, a password 22 to 256. Browsers use 4 to 8 and 22
// to 32; what is longer than these limits is not accepted.
inline constexpr size_t kMinIceUfragSize = 4;
inline constexpr size_t kMaxIceUfragSize = 32;
inline constexpr size_t kMinIcePasswordSize = 22;
inline constexpr size_t kMaxIcePasswordSize = 64;
// Further candidates are left out, the least preferred first.
inline constexpr size_t kMaxCandidates = 8;

static_assert(kMinIceUfragSize <= kMaxIceUfragSize && kMaxIceUfragSize <= 255);
static_assert(kMinIcePasswordSize <= kMaxIcePasswordSize && kMaxIcePasswordSize <= 255);

// "ice-char" of RFC 8839, 5.4.
constexpr bool is_ice_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// MinSize to MaxSize ice-chars, kept in place; empty until set.
template <size_t MinSize, size_t MaxSize>
class IceText {
 public:
  // False, and nothing changes, if `text` is too short, too long or has other characters.
  bool set(std::string_view text) {
    if (text.size() < MinSize || text.size() > MaxSize || !std::ranges::all_of(text, is_ice_char)) {
      return false;
    }
    chars_ = {};
    std::ranges::copy(text, chars_.begin());
    size_ = static_cast<uint8_t>(text.size());
    return true;
  }
  std::string_view view() const { return {chars_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  bool operator==(const IceText&) const = default;

 private:
  std::array<char, MaxSize> chars_{};  // zero behind the text
  uint8_t size_ = 0;
};

using IceUfrag = IceText<kMinIceUfragSize, kMaxIceUfragSize>;
using IcePassword = IceText<kMinIcePasswordSize, kMaxIcePasswordSize>;

enum class CandidateType : uint8_t {
  kHost,             // an address of the peer's own
  kServerReflexive,  // its NAT's, as a STUN server sees it
  kRelayed,          // a TURN server's
  // A browser's own that it keeps to itself: instead of an IP address the UUID of its name, which
  // browsers of its network resolve (mDNS). Nothing to native nodes.
  kHidden,
};

// Always UDP between the peers; a relayed one may be reached over TCP by its owner.
struct Candidate {
  CandidateType type = CandidateType::kHost;
  Endpoint endpoint;
  uint32_t priority = 0;  // RFC 8445, 5.1.2: greater is preferred
  bool operator==(const Candidate&) const = default;
};

struct LinkDescription {
  IceUfrag ufrag;
  IcePassword password;
  Fingerprint fingerprint{};  // of the certificate made for this one link
  // True: speaks the engine's messages as raw DTLS application data (native nodes). False: only
  // through SCTP data channels (browsers).
  bool native = false;

  std::span<const Candidate> candidates() const { return {candidates_.data(), count_}; }
  // False if there are kMaxCandidates. One that is there already is not added again.
  bool add(const Candidate& candidate) {
    if (std::ranges::find(candidates(), candidate) != candidates().end()) return true;
    if (count_ == kMaxCandidates) return false;
    candidates_[count_++] = candidate;
    return true;
  }
  bool offers(CandidateType type) const {
    return std::ranges::find(candidates(), type, &Candidate::type) != candidates().end();
  }
  // Enough to try with: candidates may come later.
  bool complete() const { return !ufrag.empty() && !password.empty(); }
  bool operator==(const LinkDescription&) const = default;

 private:
  std::array<Candidate, kMaxCandidates> candidates_{};  // default-initialised from count_ on
  uint8_t count_ = 0;
};

}  // namespace swarmcast
