// One path over a WebSocket, at either end: whole binary messages, within limits.
#pragma once

#include <libsoup/soup.h>

#include <memory>

#include "engine/base/time.h"
#include "host/loop/loop.h"
#include "host/rendezvous/byte_gate.h"
#include "host/rendezvous/rendezvous.h"

namespace swarmcast::rendezvous {

struct PathLimits {
  int messages_per_second = 20;           // in the long run, either direction
  int burst = 40;                         // at once
  int garbage = 10;                       // text, empty or over-long messages before it is closed
  size_t unread = 64 << 10;               // bytes that have not yet made a message
  int unsent = 32 << 10;                  // bytes in the kernel's buffer: no more is sent then
  Duration idle = Duration::seconds(60);  // without a message
};

struct PathCounters {
  uint64_t messages_in = 0;
  uint64_t messages_out = 0;
  uint64_t garbage = 0;   // dropped: no binary message of 1..kMaxSignalSize bytes
  uint64_t too_fast = 0;  // closed, or (outwards) dropped, for the rate
  uint64_t stuck = 0;     // dropped, as the other side does not read
  uint64_t idle = 0;      // closed
};

// So many messages a second, with bursts.
class MessageRate {
 public:
  MessageRate(int per_second, int burst, Instant now);
  bool allow(Instant now);

 private:
  Duration interval_;
  Duration depth_;
  Instant full_;  // when the bucket is full again
};

class WebSocketPath {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_message(WebSocketPath& path, ByteSpan message) = 0;
    // Once, never from within a call of ours. The owner destroys the path, now or later.
    virtual void on_closed(WebSocketPath& path) = 0;
  };

  // `socket` carries `connection`, through `gate`. All but `connection` outlive the path.
  WebSocketPath(Loop& loop, SignalPathId id, SoupWebsocketConnection* connection, ByteGate& gate,
                GSocket* socket, const PathLimits& limits, PathCounters& counters, Owner& owner);
  ~WebSocketPath();
  WebSocketPath(const WebSocketPath&) = delete;
  WebSocketPath& operator=(const WebSocketPath&) = delete;

  SignalPathId id() const { return id_; }
  // False if it is dropped: too long, too fast, or the other side does not read.
  bool send(ByteSpan message);
  // Breaks the connection; on_closed() follows.
  void close();

 private:
  static void on_message(SoupWebsocketConnection*, gint type, GBytes* bytes, gpointer self);
  static void on_closed(SoupWebsocketConnection*, gpointer self);
  void take(bool binary, ByteSpan message);
  int unsent() const;

  const SignalPathId id_;
  GObjectPtr<SoupWebsocketConnection> connection_;
  ByteGate& gate_;
  GSocket* const socket_;
  const PathLimits limits_;
  PathCounters& counters_;
  Owner& owner_;
  MessageRate in_, out_;
  int garbage_ = 0;
  bool closing_ = false;
  Loop::Timer idle_;
};

}  // namespace swarmcast::rendezvous
