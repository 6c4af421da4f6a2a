// Everything that can happen to an engine. Spans are borrowed for the duration of handle().
#pragma once

#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/frame.h"
#include "engine/base/ids.h"
#include "engine/base/link_description.h"
#include "engine/base/units.h"

namespace swarmcast::input {

// DTLS is up. `ours` is true if this engine asked for it with OpenLink, or with PrepareLink as the
// initiator.
struct LinkUp {
  LinkId link;
  bool ours = false;
  Fingerprint local_fingerprint{};
  Fingerprint remote_fingerprint{};
  Endpoint remote;  // where the neighbour's packets come from
};

// The transport gave up, the peer closed, or an OpenLink or PrepareLink failed. Not answered with
// CloseLink.
struct LinkDown {
  LinkId link;
};

// One message from a neighbour, either lane.
struct Datagram {
  LinkId link;
  ByteSpan message;
  // When it reached this machine, where the host knows: a program that had to wait for a processor
  // must not take its own delay for the network's. Later than now, as never() is: now.
  Instant arrived = Instant::never();
};

// The host's own end of a link that PrepareLink asked for. Again when there are more candidates:
// the whole replaces what was said before.
struct LocalDescription {
  LinkId link;
  LinkDescription description;
};

// A way to exchange signals, of which none is trusted: with `to_entry` one to our entry's gateway,
// opened because of NeedSignalPath; else a stranger has opened one to ours.
struct SignalPathUp {
  SignalPathId path;
  bool to_entry = false;
};

struct SignalPathDown {
  SignalPathId path;
};

// One whole message that came over a path.
struct Signal {
  SignalPathId path;
  ByteSpan bytes;
};

// Source only: the next frame in decode order. `captured` is on the host's clock.
struct PublishFrame {
  EncodedFrame frame;
  Instant captured;
};

// Viewer only: the decoder lost its state and needs a key frame.
struct NeedKeyFrame {};

// From now on so many children are fed, counted once for each stripe, as EngineOptions::max_places
// has it. Those beyond are sent elsewhere, the last to come first.
struct SetPlaces {
  size_t places = 0;
};

// The user ends it: a source says tombstone to all, others say goodbye to their neighbours.
struct Stop {};

// next_timeout() has come.
struct Timeout {};

}  // namespace swarmcast::input

namespace swarmcast {
using Input =
    std::variant<input::LinkUp, input::LinkDown, input::Datagram, input::LocalDescription,
                 input::SignalPathUp, input::SignalPathDown, input::Signal, input::PublishFrame,
                 input::NeedKeyFrame, input::SetPlaces, input::Stop, input::Timeout>;
}
