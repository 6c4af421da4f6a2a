#include "engine/wire/signal.h"

#include <algorithm>

namespace swarmcast::wire {
namespace {

constexpr size_t kTextHeaderSize = 1 + 8 + 5 + 2;
constexpr size_t kMaxContentSize = kSignedTextSize - kTextHeaderSize;
constexpr size_t kHopsOffset = 1;
// Says that the sender does not know the stream's time.
constexpr uint64_t kUnknownTime = (uint64_t{1} << 40) - 1;

void write(ByteWriter& out, const Knock& k) {
  out.u8(k.listener_certificate ? 1 : 0);
  write_peer_record(out, k.record);
}
void write(ByteWriter& out, const Accepted& a) {
  out.u8(a.revision);
  write_link_description(out, a.description);
}
void write(ByteWriter& out, const Refused& r) { out.u8(static_cast<uint8_t>(r.reason)); }
void write(ByteWriter& out, const Described& d) {
  out.u8(d.revision);
  write_link_description(out, d.description);
}

using Content = decltype(SignalText::content);

std::optional<Content> read_knock(ByteReader& in) {
  const uint8_t wish = in.u8();
  const auto record = read_peer_record(in);
  if (!record || wish > 1) return std::nullopt;
  return Knock{wish == 1, *record};
}

template <typename T>
std::optional<Content> read_described(ByteReader& in) {
  const uint8_t revision = in.u8();
  const auto description = read_link_description(in);
  if (!description) return std::nullopt;
  return T{revision, *description};
}

std::optional<Content> read_refused(ByteReader& in) {
  const uint8_t reason = in.u8();
  if (reason < 1 || reason > 2) return std::nullopt;
  return Refused{static_cast<Refused::Reason>(reason)};
}

std::optional<Content> read_content(uint8_t kind, ByteReader& in) {
  switch (kind) {
    case Knock::kKind:
      return read_knock(in);
    case Accepted::kKind:
      return read_described<Accepted>(in);
    case Refused::kKind:
      return read_refused(in);
    case Described::kKind:
      return read_described<Described>(in);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<SignalView> parse_signal(ByteSpan bytes) {
  if (bytes.size() != kSignalSize || bytes[0] != kSignalType) return std::nullopt;
  ByteReader in(bytes.subspan(1));
  SignalView s;
  s.hops = in.u8();
  s.to.bytes = in.array<16>();
  s.from.bytes = in.array<16>();
  s.ephemeral_key = in.array<32>();
  s.sealed = in.rest();
  return s.hops <= kMaxSignalHops && s.to != s.from ? std::optional(s) : std::nullopt;
}

void write_signal_header(MutableByteSpan out, const SignalView& header) {
  ByteWriter writer(out);
  writer.u8(kSignalType);
  writer.u8(header.hops);
  writer.bytes(header.to.bytes);
  writer.bytes(header.from.bytes);
  writer.bytes(header.ephemeral_key);
}

void set_signal_hops(MutableByteSpan signal, uint8_t hops) { signal[kHopsOffset] = hops; }

Bytes<kSignedTextSize> encode_signal_text(const SignalText& text) {
  Bytes<kMaxContentSize> content{};
  ByteWriter body(content);
  std::visit([&](const auto& c) { write(body, c); }, text.content);
  Bytes<kSignedTextSize> bytes{};
  ByteWriter out(bytes);
  out.u8(std::visit([](const auto& c) { return c.kKind; }, text.content));
  out.bytes(text.attempt);
  out.u40(text.sent ? static_cast<uint64_t>(text.sent->us()) : kUnknownTime);
  out.u16(body.size());
  out.bytes(body.written());
  return bytes;
}

std::optional<SignalText> parse_signal_text(ByteSpan bytes) {
  if (bytes.size() != kSignedTextSize) return std::nullopt;
  ByteReader in(bytes);
  const uint8_t kind = in.u8();
  SignalText text;
  text.attempt = in.array<8>();
  const uint64_t sent = in.u40();
  if (sent != kUnknownTime) text.sent = StreamTime::from_us(static_cast<int64_t>(sent));
  const uint16_t size = in.u16();
  ByteReader body(in.bytes(size));
  const bool padded = in.ok() && std::ranges::all_of(in.rest(), [](uint8_t b) { return b == 0; });
  if (!padded) return std::nullopt;
  auto content = read_content(kind, body);
  if (!content || !body.finished()) return std::nullopt;
  text.content = *content;
  return text;
}

std::optional<GreetingView> parse_greeting(ByteSpan bytes) {
  if (bytes.size() != kGreetingSize) return std::nullopt;
  if (bytes[0] != kPathAskType && bytes[0] != kPathAnswerType) return std::nullopt;
  ByteReader in(bytes.subspan(1));
  GreetingView g{.answer = bytes[0] == kPathAnswerType};
  g.nonce = in.array<32>();
  g.sealed = in.rest();
  return g;
}

}  // namespace swarmcast::wire
