#include "engine/wire/body.h"

namespace swarmcast::wire {
namespace {

template <typename T>
std::optional<Body> read(ByteReader& in) {
  std::optional<T> body = T::read(in);
  if (!body || !in.finished()) return std::nullopt;
  return Body(*body);
}

template <typename... Ts>
std::optional<Body> read_by_type(uint8_t type, ByteReader& in, std::variant<Ts...>*) {
  std::optional<Body> out;
  (void)((type == Ts::kType && ((out = read<Ts>(in)), true)) || ...);
  return out;
}

}  // namespace

size_t encode_body(MutableByteSpan out, const Body& body) {
  ByteWriter writer(out);
  std::visit(
      [&](const auto& b) {
        writer.u8(b.kType);
        b.write(writer);
      },
      body);
  return writer.size();
}

std::optional<Body> parse_body(ByteSpan bytes) {
  ByteReader in(bytes);
  const uint8_t type = in.u8();
  if (!in.ok()) return std::nullopt;
  return read_by_type(type, in, static_cast<Body*>(nullptr));
}

std::string to_string(const Body& body) {
  return std::visit([](const auto& b) { return std::string(b.kName); }, body);
}

}  // namespace swarmcast::wire
