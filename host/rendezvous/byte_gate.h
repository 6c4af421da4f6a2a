// How many bytes a stranger may send us before they have made sense.
//
// libsoup bounds a WebSocket frame, but (before 3.6) neither the message that many of them make up
// nor what it reads in one go; and its limit on HTTP headers is 100 KiB. So what it reads comes
// through a gate that breaks the stream once its budget is spent.
#pragma once

#include <cstddef>

#include "host/rendezvous/gobject_ptr.h"

namespace swarmcast::rendezvous {

class ByteGate {
 public:
  // A stream that reads from `stream` through the gate and writes to it directly. `stream` must be
  // a pollable one, as sockets and TLS are.
  ByteGate(GIOStream* stream, size_t budget);

  // The stream, once. Whoever holds it decides how long it lives.
  GObjectPtr<GIOStream> take_stream() { return std::move(gated_); }
  // From now on so many bytes more.
  void refill(size_t budget);

 private:
  GObjectPtr<GConverter> gate_;
  GObjectPtr<GIOStream> gated_;
};

}  // namespace swarmcast::rendezvous
