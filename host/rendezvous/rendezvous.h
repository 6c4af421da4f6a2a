// Ways to exchange small messages with somebody we have no link to yet. What they carry is sealed
// and authenticated by the engine (spec/signalling.md): a way is trusted with nothing, and may
// lose, repeat and delay whole messages.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"

namespace swarmcast::rendezvous {

// A longer message is dropped, whoever sends it: every signal fits a packet.
inline constexpr size_t kMaxSignalSize = kMaxMessageSize;

// What ways report, on the loop's thread. A call must not destroy the way it comes from.
class SignalEvents {
 public:
  virtual ~SignalEvents() = default;
  // `to_entry`: we opened it, towards our invite's entry; else somebody has come to us.
  virtual void on_path_up(SignalPathId path, bool to_entry) = 0;
  virtual void on_signal(SignalPathId path, ByteSpan message) = 0;  // 1..kMaxSignalSize bytes
  virtual void on_path_down(SignalPathId path) = 0;                 // after on_path_up, once
  // No path has come about; a sentence for a person says why.
  virtual void on_path_failed(const std::string& sentence) = 0;
};

// Numbers the paths of a session's ways.
class PathNumbers {
 public:
  SignalPathId next() { return last_ = last_.next(); }

 private:
  SignalPathId last_;
};

// A joiner's way to the entry of its invite.
class Rendezvous {
 public:
  enum class State {
    kTrying,
    kOpen,    // one path is up
    kFailed,  // error() says why
    kClosed,  // cancelled, or ended by the other side
  };
  virtual ~Rendezvous() = default;

  virtual std::string_view name() const = 0;  // for a person: "gateway"
  virtual State state() const = 0;
  virtual const std::string& error() const = 0;  // a sentence; empty unless kFailed
  // False if the message cannot be sent now; it is dropped then.
  virtual bool send(ByteSpan message) = 0;
  // Gives up and closes. Its path goes down before this returns.
  virtual void cancel() = 0;
};

}  // namespace swarmcast::rendezvous
