#include "engine/wire/link_description.h"

#include "engine/wire/contact.h"

namespace swarmcast::wire {
namespace {

void write_text(ByteWriter& out, std::string_view text) {
  out.u8(text.size());
  out.bytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

template <size_t MinSize, size_t MaxSize>
bool read_text(ByteReader& in, IceText<MinSize, MaxSize>& text) {
  const ByteSpan bytes = in.bytes(in.u8());
  return text.set({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<Candidate> read_candidate(ByteReader& in) {
  const uint8_t type = in.u8();
  Candidate c{.type = static_cast<CandidateType>(type)};
  c.endpoint = read_endpoint(in);
  c.priority = in.u32();
  const bool valid =
      in.ok() && type <= static_cast<uint8_t>(CandidateType::kHidden) && c.endpoint.port != 0;
  return valid ? std::optional(c) : std::nullopt;
}

}  // namespace

void write_link_description(ByteWriter& out, const LinkDescription& d) {
  SWARMCAST_CHECK(d.complete());
  out.u8(d.native ? 1 : 0);
  out.bytes(d.fingerprint);
  write_text(out, d.ufrag.view());
  write_text(out, d.password.view());
  out.u8(d.candidates().size());
  for (const Candidate& c : d.candidates()) {
    out.u8(static_cast<uint8_t>(c.type));
    write_endpoint(out, c.endpoint);
    out.u32(c.priority);
  }
}

std::optional<LinkDescription> read_link_description(ByteReader& in) {
  const uint8_t flags = in.u8();
  LinkDescription d;
  d.native = flags & 1;
  d.fingerprint = in.array<32>();
  if (flags > 1 || !read_text(in, d.ufrag) || !read_text(in, d.password)) return std::nullopt;
  const uint8_t count = in.u8();
  if (count > kMaxCandidates) return std::nullopt;
  for (uint8_t i = 0; i < count; ++i) {
    const auto candidate = read_candidate(in);
    if (!candidate || !d.add(*candidate)) return std::nullopt;
  }
  const bool repeated = d.candidates().size() != count;
  return in.ok() && !repeated ? std::optional(d) : std::nullopt;
}

}  // namespace swarmcast::wire
