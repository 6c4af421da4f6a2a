#include "sim/attackers/crawler.h"

#include "engine/wire/envelope.h"

namespace swarmcast::sim {

namespace body = wire::body;

void Crawler::learn(const Contact& contact) {
  if (contact.dialable()) addresses().insert(contact.endpoint);
}

// Those of its neighbours, and those it is told of.
void Crawler::hears(Instant, const Input& input) {
  if (const auto* up = std::get_if<input::LinkUp>(&input)) addresses().insert(up->remote);
  const auto* in = std::get_if<input::Datagram>(&input);
  const auto envelope = in ? wire::parse_envelope(in->message) : std::nullopt;
  if (!envelope) return;
  for (ByteSpan rest = envelope->bodies; !rest.empty();) {
    const auto said = wire::parse_body(wire::take_body(rest));
    if (!said) continue;
    if (const auto* refer = std::get_if<body::Refer>(&*said))
      for (const Contact& c : refer->contacts) learn(c);
    if (const auto* contacts = std::get_if<body::Contacts>(&*said))
      for (const Contact& c : contacts->contacts) learn(c);
    if (const auto* report = std::get_if<body::Report>(&*said))
      for (uint8_t i = 0; i < report->count; ++i) learn(report->openings[i].contact);
  }
}

// Tells its parent that it is leaving; its own engine then looks for the next one.
bool Crawler::alter(Instant, LinkId, std::vector<uint8_t>& message) {
  alter_bodies(message, [](wire::Body& said) {
    if (const auto* report = std::get_if<body::Report>(&said))
      said = body::Unsubscribe{report->stripe};
  });
  return true;
}

}  // namespace swarmcast::sim
