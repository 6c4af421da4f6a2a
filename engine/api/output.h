// Everything an engine can ask of its host. Spans are borrowed until the next poll() or handle().
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "engine/api/options.h"
#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/frame.h"
#include "engine/base/ids.h"
#include "engine/base/link_description.h"
#include "engine/base/link_direction.h"
#include "engine/base/stream_description.h"
#include "engine/base/units.h"

namespace swarmcast::output {

enum class Lane { kMedia, kControl };

struct Transmit {
  LinkId link;
  Lane lane = Lane::kMedia;
  ByteSpan message;  // <= kMaxMessageSize
};

// Dial `contact`; answer with LinkUp{link, ours = true} or LinkDown{link}.
struct OpenLink {
  LinkId link;
  Contact contact;
};

// Prepare one end of a link that neither side dials: answer with LocalDescription{link}, and when
// RemoteDescription has come and a path is found, LinkUp{link, ours = initiator}; or
// LinkDown{link}.
struct PrepareLink {
  LinkId link;
  bool initiator = false;
  // The certificate must be the listener's, because the invite names it; else a fresh one.
  bool listener_certificate = false;
};

// The other side's end. May come before our own is known, and again with more candidates: the whole
// replaces what was said before.
struct RemoteDescription {
  LinkId link;
  LinkDescription description;
};

struct CloseLink {
  LinkId link;
};

// Our entry answers no dial: open a path to its gateway, if there is one. Asked again while there
// is none.
struct NeedSignalPath {};

// One whole message for a path.
struct SendSignal {
  SignalPathId path;
  ByteSpan bytes;  // <= kMaxMessageSize
};

// A frame for the decoder, in decode order, all its references given before.
struct Frame {
  EncodedFrame frame;
  Instant present_at;
  bool show = true;   // false: decode for reference only, its moment has passed
  bool late = false;  // released after its playout deadline
};

// Source only.
struct KeyFrameWanted {};

// Source only: what the encoder should aim at from now on, whenever that changes. Never above
// EngineOptions::bitrate.
struct EncoderHint {
  DataRate target;          // of the picture's encoded bytes
  bool sound_only = false;  // not even the lowest useful picture fits
  bool operator==(const EncoderHint&) const = default;
};

// The tracks are known (once), and when the source changes them (again).
struct StreamKnown {
  StreamDescription stream;
};

enum class LinkState { kConnecting, kUp, kDown };

struct LinkChanged {
  LinkId link;
  PeerId peer;
  Endpoint remote;
  LinkDirection direction = LinkDirection::kOther;
  LinkState state = LinkState::kUp;
  Duration rtt;
};

// Our own address as a neighbour sees it: what others can dial.
struct AddressObserved {
  Endpoint endpoint;
};

enum class EndReason {
  kStopped,           // the user's wish
  kSourceEnded,       // signed tombstone
  kEntryUnreachable,  // nobody answered at the invite's address
  kWrongSecret,       // the entry answered, but not for this invite
  kWrongSource,       // the source's key is not the invite's
  kVersionMismatch,   // the entry speaks another version
  kSwarmFull,         // nobody had a place within the depth limit
  kSourceLost,        // no way back to the stream within the limit
};

// A stable word for each, as "source_lost".
constexpr std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::kStopped:
      return "stopped";
    case EndReason::kSourceEnded:
      return "source_ended";
    case EndReason::kEntryUnreachable:
      return "entry_unreachable";
    case EndReason::kWrongSecret:
      return "wrong_secret";
    case EndReason::kWrongSource:
      return "wrong_source";
    case EndReason::kVersionMismatch:
      return "version_mismatch";
    case EndReason::kSwarmFull:
      return "swarm_full";
    case EndReason::kSourceLost:
      return "source_lost";
  }
  return "unknown";
}

struct Ended {
  EndReason reason = EndReason::kStopped;
};

}  // namespace swarmcast::output

namespace swarmcast {
using Output =
    std::variant<output::Transmit, output::OpenLink, output::PrepareLink, output::RemoteDescription,
                 output::CloseLink, output::NeedSignalPath, output::SendSignal, output::Frame,
                 output::KeyFrameWanted, output::EncoderHint, output::StreamKnown,
                 output::LinkChanged, output::AddressObserved, output::Ended>;
}
