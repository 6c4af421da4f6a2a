#include "sim/attackers/eclipse.h"

namespace swarmcast::sim {

namespace body = wire::body;

// Others of them each time.
body::ContactList Eclipse::list() {
  body::ContactList out;
  for (size_t i = 0; i < body::ContactList::kMax; ++i)
    out.add(accomplices()[turn_++ % accomplices().size()]);
  return out;
}

bool Eclipse::alter(Instant, LinkId, std::vector<uint8_t>& message) {
  if (is_media(message)) return false;
  alter_bodies(message, [this](wire::Body& said) {
    if (auto* refer = std::get_if<body::Refer>(&said)) refer->contacts = list();
    if (auto* contacts = std::get_if<body::Contacts>(&said)) contacts->contacts = list();
    if (auto* state = std::get_if<body::State>(&said); state && state->depth > 0) state->depth = 1;
    if (auto* report = std::get_if<body::Report>(&said)) {
      report->count = body::Report::kMaxOpenings;
      for (body::Opening& o : report->openings)
        o = {0, accomplices()[turn_++ % accomplices().size()]};
    }
  });
  return true;
}

}  // namespace swarmcast::sim
