// Which candidates are worth telling.
#pragma once

#include <vector>

#include "engine/base/link_description.h"

namespace swarmcast::transport {

// Adds the most preferred of `all`, as many as there is room for. If not all fit, some relayed and
// some server-reflexive ones go first: without them some peers are out of reach.
void add_best(std::vector<Candidate> all, LinkDescription& description);

}  // namespace swarmcast::transport
