// The bodies that travel in reliable control envelopes (spec/control.md). A body is
// | type (1) | fields |; a body whose type is unknown is skipped, one whose fields do not fit is
// malformed.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "engine/wire/body/accept.h"
#include "engine/wire/body/also_at.h"
#include "engine/wire/body/contacts.h"
#include "engine/wire/body/epoch_key.h"
#include "engine/wire/body/key_request.h"
#include "engine/wire/body/leave.h"
#include "engine/wire/body/path.h"
#include "engine/wire/body/record.h"
#include "engine/wire/body/refer.h"
#include "engine/wire/body/report.h"
#include "engine/wire/body/shedding.h"
#include "engine/wire/body/state.h"
#include "engine/wire/body/subscribe.h"
#include "engine/wire/body/tombstone.h"
#include "engine/wire/body/unsubscribe.h"
#include "engine/wire/body/welcome.h"

namespace swarmcast::wire {

using Body = std::variant<body::Welcome, body::EpochKey, body::Subscribe, body::Accept, body::Refer,
                          body::Unsubscribe, body::State, body::Report, body::Contacts,
                          body::KeyRequest, body::Leave, body::Tombstone, body::Record,
                          body::Shedding, body::AlsoAt, body::Path>;

// The largest body; an envelope holds at least one of them.
inline constexpr size_t kMaxBodySize = 1'100;

// Encodes into `out` and returns the bytes written; out.size() >= kMaxBodySize.
size_t encode_body(MutableByteSpan out, const Body& body);
std::optional<Body> parse_body(ByteSpan bytes);
std::string to_string(const Body& body);

}  // namespace swarmcast::wire
