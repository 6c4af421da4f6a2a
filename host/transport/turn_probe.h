// Asks a TURN server for an address, the way RFC 8656 has it, only to learn why there was none:
// libnice does not say. What the server gives is given back at once.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/base/bytes.h"
#include "host/loop/loop.h"
#include "host/transport/ice_options.h"

namespace swarmcast::transport {

class TurnProbe {
 public:
  enum class Result {
    kWorks,
    kRefused,  // the user name or password is not right
    kSilent,   // nobody answers there, or not in a way a TURN server does
  };
  static constexpr Duration kLimit = Duration::seconds(3);

  // Calls `done` once, from the loop, within kLimit; not if destroyed before. Must not be destroyed
  // from within.
  TurnProbe(Loop& loop, const TurnServer& server, std::function<void(Result)> done);
  ~TurnProbe();
  TurnProbe(const TurnProbe&) = delete;

 private:
  struct Stun;

  bool connect();
  void ask();
  void send();
  void on_ready(unsigned events);
  void on_timer();
  void on_bytes(ByteSpan bytes);
  void on_answer(ByteSpan message);
  void give_back();
  void finish(Result result);

  Loop& loop_;
  TurnServer server_;
  std::function<void(Result)> done_;
  std::unique_ptr<Stun> stun_;
  int fd_ = -1;
  std::vector<uint8_t> received_;  // of TCP, not yet a whole message
  Instant limit_;
  Instant again_ = Instant::never();
  Duration interval_;
  Loop::Timer timer_;
  std::unique_ptr<Loop::FdWatch> watch_;
};

}  // namespace swarmcast::transport
