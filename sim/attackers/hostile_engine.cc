#include "sim/attackers/hostile_engine.h"

#include "engine/wire/envelope.h"
#include "engine/wire/fragment.h"

namespace swarmcast::sim {

void HostileEngine::handle(Instant now, const Input& input) {
  if (const auto* up = std::get_if<input::LinkUp>(&input)) links_.push_back(up->link);
  if (const auto* down = std::get_if<input::LinkDown>(&input)) std::erase(links_, down->link);
  hears(now, input);
  real_->handle(now, input);
}

std::optional<Output> HostileEngine::poll(Instant now) {
  while (auto out = real_->poll(now)) {
    if (const auto* closed = std::get_if<output::CloseLink>(&*out))
      std::erase(links_, closed->link);
    auto* sent = std::get_if<output::Transmit>(&*out);
    if (!sent || !awake_()) return out;
    message_.assign(sent->message.begin(), sent->message.end());
    if (!alter(now, sent->link, message_)) continue;
    sent->message = message_;
    return out;
  }
  return awake_() ? adds(now) : std::nullopt;
}

bool is_media(ByteSpan message) { return message[0] == wire::kFragmentType; }

void alter_bodies(std::vector<uint8_t>& message, const std::function<void(wire::Body&)>& change) {
  const auto envelope = wire::parse_envelope(message);
  if (!envelope) return;
  Bytes<kMaxMessageSize> bytes;
  wire::EnvelopeWriter out(bytes, envelope->sequence, envelope->ack);
  for (ByteSpan rest = envelope->bodies; !rest.empty();) {
    const ByteSpan original = wire::take_body(rest);
    Bytes<wire::kMaxBodySize> altered;
    ByteSpan body = original;
    if (auto parsed = wire::parse_body(original)) {
      change(*parsed);
      body = ByteSpan(altered).first(wire::encode_body(altered, *parsed));
    }
    if (!out.add(body)) return;
  }
  message.assign(bytes.begin(), bytes.begin() + static_cast<long>(out.size()));
}

}  // namespace swarmcast::sim
