// SIGNAL: what a peer tells another that is not its neighbour, sealed, on its way through others;
// and what is inside (spec/signalling.md).
//
//   | 0x0e | hops u8 | to (16) | from (16) | ephemeral key (32) | sealed text (448 + 16) |
//   text | kind u8 | attempt (8) | sent u40 | size u16 | content (size), zeroes | signature (64) |
#pragma once

#include <optional>
#include <variant>

#include "engine/base/byte_io.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"
#include "engine/base/link_description.h"
#include "engine/base/peer_record.h"
#include "engine/base/time.h"
#include "engine/wire/link_description.h"
#include "engine/wire/peer_record.h"

namespace swarmcast::wire {

inline constexpr uint8_t kSignalType = 0x0e;
inline constexpr uint8_t kMaxSignalHops = 7;

// The text without its signature; every signal has the same size.
inline constexpr size_t kSignedTextSize = 384;
inline constexpr size_t kSignalTextSize = kSignedTextSize + kSignatureSize;
inline constexpr size_t kSignalHeaderSize = 1 + 1 + 16 + 16 + 32;
inline constexpr size_t kSignalSize = kSignalHeaderSize + kSignalTextSize + kAeadTagSize;

struct SignalView {
  uint8_t hops = 0;  // how often it may still be passed on
  PeerId to;
  PeerId from;  // as it claims
  Bytes<32> ephemeral_key{};
  ByteSpan sealed;  // borrowed
};

std::optional<SignalView> parse_signal(ByteSpan bytes);
// Everything before the sealed text; out.size() >= kSignalHeaderSize.
void write_signal_header(MutableByteSpan out, const SignalView& header);
// In place, for passing on.
void set_signal_hops(MutableByteSpan signal, uint8_t hops);

// The caller's name for one attempt.
using AttemptId = Bytes<8>;

struct Knock {
  static constexpr uint8_t kKind = 1;
  bool listener_certificate = false;  // the link must show the certificate of your listener
  PeerRecord record;
  bool operator==(const Knock&) const = default;
};
struct Accepted {
  static constexpr uint8_t kKind = 2;
  uint8_t revision = 0;
  LinkDescription description;
  bool operator==(const Accepted&) const = default;
};
struct Refused {
  static constexpr uint8_t kKind = 3;
  enum class Reason : uint8_t { kNoPlace = 1, kBusy = 2 };
  Reason reason = Reason::kNoPlace;
  bool operator==(const Refused&) const = default;
};
struct Described {
  static constexpr uint8_t kKind = 4;
  uint8_t revision = 0;
  LinkDescription description;
  bool operator==(const Described&) const = default;
};

struct SignalText {
  AttemptId attempt{};
  std::optional<StreamTime> sent;
  std::variant<Knock, Accepted, Refused, Described> content;
  bool operator==(const SignalText&) const = default;
};

Bytes<kSignedTextSize> encode_signal_text(const SignalText& text);
std::optional<SignalText> parse_signal_text(ByteSpan bytes);

// PATH_ASK, PATH_ANSWER: the greeting on an external path.
//   | 0x60 or 0x61 | nonce (32) | sealed record (256 + 16) |
inline constexpr uint8_t kPathAskType = 0x60;
inline constexpr uint8_t kPathAnswerType = 0x61;
inline constexpr size_t kGreetingTextSize = 256;
inline constexpr size_t kGreetingSize = 1 + 32 + kGreetingTextSize + kAeadTagSize;

struct GreetingView {
  bool answer = false;
  Bytes<32> nonce{};
  ByteSpan sealed;  // borrowed
};
std::optional<GreetingView> parse_greeting(ByteSpan bytes);

static_assert(16 + 1 + kMaxLinkDescriptionSize <= kSignedTextSize);
static_assert(16 + 1 + kPeerRecordSize <= kSignedTextSize);
static_assert(kPeerRecordSize <= kGreetingTextSize);
static_assert(kSignalSize <= kMaxMessageSize && kGreetingSize <= kMaxMessageSize);

}  // namespace swarmcast::wire
