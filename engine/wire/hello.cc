#include "engine/wire/hello.h"

#include "engine/base/byte_io.h"

namespace swarmcast::wire {
namespace {

// The reader behind the type byte, or nullopt if type or length are not the message's own.
template <typename Message>
std::optional<ByteReader> open(ByteSpan message, uint8_t type) {
  if (message.size() != Message::kSize || message[0] != type) return std::nullopt;
  return ByteReader(message.subspan(1));
}

}  // namespace

Bytes<Hello1::kSize> Hello1::encode() const {
  Bytes<kSize> bytes{};
  ByteWriter out(bytes);
  out.u8(kHello1Type);
  out.u8(version);
  out.bytes(public_key);
  out.bytes(nonce);
  return bytes;
}

std::optional<Hello1> Hello1::parse(ByteSpan message) {
  auto in = open<Hello1>(message, kHello1Type);
  if (!in) return std::nullopt;
  Hello1 m;
  m.version = in->u8();
  m.public_key = in->array<32>();
  m.nonce = in->array<32>();
  return m;
}

Bytes<Hello2::kSize> Hello2::encode() const {
  Bytes<kSize> bytes{};
  ByteWriter out(bytes);
  out.u8(kHello2Type);
  out.u8(version);
  out.bytes(public_key);
  out.bytes(nonce);
  out.bytes(mac);
  out.bytes(signature);
  return bytes;
}

std::optional<Hello2> Hello2::parse(ByteSpan message) {
  auto in = open<Hello2>(message, kHello2Type);
  if (!in) return std::nullopt;
  Hello2 m;
  m.version = in->u8();
  m.public_key = in->array<32>();
  m.nonce = in->array<32>();
  m.mac = in->array<16>();
  m.signature = in->array<64>();
  return m;
}

Bytes<Hello3::kSize> Hello3::encode() const {
  Bytes<kSize> bytes{};
  ByteWriter out(bytes);
  out.u8(kHello3Type);
  out.bytes(mac);
  out.bytes(signature);
  return bytes;
}

std::optional<Hello3> Hello3::parse(ByteSpan message) {
  auto in = open<Hello3>(message, kHello3Type);
  if (!in) return std::nullopt;
  Hello3 m;
  m.mac = in->array<16>();
  m.signature = in->array<64>();
  return m;
}

Bytes<HelloRefused::kSize> HelloRefused::encode() const {
  return {kHelloRefusedType, version, static_cast<uint8_t>(reason)};
}

std::optional<HelloRefused> HelloRefused::parse(ByteSpan message) {
  auto in = open<HelloRefused>(message, kHelloRefusedType);
  if (!in) return std::nullopt;
  HelloRefused m;
  m.version = in->u8();
  const uint8_t reason = in->u8();
  if (reason < 1 || reason > 3) return std::nullopt;
  m.reason = static_cast<Reason>(reason);
  return m;
}

}  // namespace swarmcast::wire
