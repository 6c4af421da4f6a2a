// What the overlay asks of the node.
#pragma once

#include <optional>
#include <variant>

#include "engine/base/contact.h"
#include "engine/base/ids.h"
#include "engine/base/link_direction.h"
#include "engine/wire/body.h"

namespace swarmcast::overlay {

struct Dial {
  LinkId link;
  Contact contact;
};
// Call a peer through others; `contact` has its record.
struct Knock {
  LinkId link;
  Contact contact;
};
// Our entry cannot be dialled, and its record is not known: a path to its gateway would help.
struct WantEntryPath {};
struct Drop {
  LinkId link;
};
struct Say {
  LinkId link;
  wire::Body body;
};
// Push a stripe to a child from now on; kJoin starts at the last key frame, kFailover at `from`.
struct Feed {
  LinkId child;
  StripeId stripe;
  wire::body::Purpose purpose = wire::body::Purpose::kJoin;
  FrameNumber from;
};
struct StopFeed {
  LinkId child;
  StripeId stripe;
};
// A stripe is expected from this link now (none: from nobody).
struct ParentChanged {
  StripeId stripe;
  std::optional<LinkId> parent;
};
// What a neighbour is to us, in any stripe.
struct RelationChanged {
  LinkId link;
  LinkDirection direction = LinkDirection::kOther;
};
enum class Failure { kEntryUnreachable, kSwarmFull, kSourceLost };
struct Failed {
  Failure why = Failure::kEntryUnreachable;
};

using Action = std::variant<Dial, Knock, WantEntryPath, Drop, Say, Feed, StopFeed, ParentChanged,
                            RelationChanged, Failed>;

}  // namespace swarmcast::overlay
