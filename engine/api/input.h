// Everything that can happen to an engine. Spans are borrowed for the duration of handle().
#pragma once

#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/frame.h"
#include "engine/base/ids.h"
#include "engine/base/units.h"

namespace swarmcast::input {

// DTLS is up. `ours` is true if this engine asked for it with OpenLink.
struct LinkUp {
  LinkId link;
  bool ours = false;
  Fingerprint local_fingerprint{};
  Fingerprint remote_fingerprint{};
  Endpoint remote;  // where the neighbour's packets come from
};

// The transport gave up, the peer closed, or an OpenLink failed. Not answered with CloseLink.
struct LinkDown {
  LinkId link;
};

// One message from a neighbour, either lane.
struct Datagram {
  LinkId link;
  ByteSpan message;
};

// Source only: the next frame in decode order. `captured` is on the host's clock.
struct PublishFrame {
  EncodedFrame frame;
  Instant captured;
};

// Viewer only: the decoder lost its state and needs a key frame.
struct NeedKeyFrame {};

// The user ends it: a source says tombstone to all, others say goodbye to their neighbours.
struct Stop {};

// next_timeout() has come.
struct Timeout {};

}  // namespace swarmcast::input

namespace swarmcast {
using Input = std::variant<input::LinkUp, input::LinkDown, input::Datagram, input::PublishFrame,
                           input::NeedKeyFrame, input::Stop, input::Timeout>;
}
