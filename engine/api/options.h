// What a host decides when it creates an engine.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/limits.h"
#include "engine/base/stream_description.h"
#include "engine/base/stripes.h"
#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast {

using SwarmSecret = Bytes<16>;
using SourceKeyHash = Bytes<16>;

enum class Role { kSource, kViewer, kRelay };

// Switches for tests that prove the suite notices a broken engine. All on in every product path.
struct Safeguards {
  bool seal = true;
  bool verify = true;
  bool relay = true;
  bool leave = true;  // parents that do not deliver
};

struct EngineOptions {
  Role role = Role::kViewer;
  SwarmSecret secret{};              // from the invite, or fresh for a source
  SourceKeyHash source_key_hash{};   // from the invite; ignored for a source
  Fingerprint listen_fingerprint{};  // certificate our listener answers with
  bool listening = true;             // false: nobody can dial us, so nobody is told to
  bool browser = false;              // speaks only through SCTP data channels
  bool can_reach_gateways = false;   // the host answers NeedSignalPath
  // Where our listener is reached over other interfaces; <= kMaxOtherAddresses are used.
  std::vector<Endpoint> other_addresses;
  std::optional<Contact> entry;                        // whom to dial first; none for a source
  size_t max_places = kDefaultMaxChildren * kStripes;  // children we feed, once for each stripe
  bool parent_only = false;         // stay with the entry: no backup, no referral
  std::optional<Duration> playout;  // fixed playout delay of this viewer; none: automatic
  Duration ring_span = kDefaultRingSpan;
  StreamDescription stream;  // source only
  // Source only: what the encoder may use at most for the picture. Zero: it cannot be told, and
  // gets no EncoderHint.
  DataRate bitrate;
  Bytes<32> seed{};  // all of the engine's randomness, keys included
  Safeguards safeguards;
};

}  // namespace swarmcast
