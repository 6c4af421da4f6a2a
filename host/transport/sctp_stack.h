// The SCTP library (usrsctp) and nothing of our own protocol: no other file knows it. Its state is
// the process's: one stack for all associations, one clock.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "host/loop/loop.h"
#include "host/transport/link.h"
#include "host/transport/sctp_outbox.h"
#include "host/transport/sctp_packet.h"
#include "host/transport/udp_socket.h"

// The library's. NOLINTBEGIN(readability-identifier-naming)
struct socket;
union sctp_sockstore;
struct sctp_rcvinfo;
// NOLINTEND(readability-identifier-naming)

namespace swarmcast::transport {

class SctpStack {
 public:
  static constexpr Duration kTick = Duration::millis(25);

  // One association.
  class User {
   public:
    virtual ~User() = default;
    // From within the library: take note, no more. The packet may be changed, not its size.
    virtual void note_output(MutableByteSpan packet) = 0;
    // A message of `ppid`, or one of its parts if it is too long for the library: `last` tells.
    virtual void note_message(uint16_t stream, uint32_t ppid, ByteSpan bytes, bool last) = 0;
    // Every kTick: may put something into the outbox.
    virtual void on_tick() = 0;
    // From the outbox. May destroy the user.
    virtual void deliver(const SctpOutbox::Item& item, ByteSpan bytes) = 0;
  };

  static SctpStack& get();
  // The name by which the library and the outbox know this user. `loop` null: time passes by
  // advance() only.
  uintptr_t add(User& user, Loop* loop);
  void remove(uintptr_t id);
  void advance(Duration elapsed);

  // While one lives, the library is at work. Then what it has produced goes out: with kPackets no
  // events, which wait for their turn.
  enum class Deliver { kPackets, kEverything };
  class Call {
   public:
    explicit Call(Deliver what) : what_(what) {}
    ~Call() { get().deliver(what_); }
    Call(const Call&) = delete;

   private:
    Deliver what_;
  };

  SctpOutbox& outbox() { return outbox_; }
  // Room for a packet that is changed on its way to the library.
  MutableByteSpan scratch() { return scratch_; }
  // Sends what one association has in the outbox, and leaves the rest there.
  void send_packets_of(uintptr_t id);

 private:
  friend class SctpSocket;

  struct Entry {
    User* user = nullptr;
    bool on_loop = false;
  };

  SctpStack();
  User* find(uintptr_t id) const;
  void deliver(Deliver what);
  void on_timer();
  static int on_output(void* address, void* packet, size_t size, uint8_t, uint8_t);
  static int on_receive(struct socket*, union sctp_sockstore, void* data, size_t size,
                        struct sctp_rcvinfo info, int flags, void* id);

  std::unordered_map<uintptr_t, Entry> users_;
  uintptr_t next_id_ = 1;
  SctpOutbox outbox_, going_out_;
  bool delivering_ = false;
  Bytes<kMaxDatagramSize + kForwardTsnSize> scratch_;

  Loop* loop_ = nullptr;
  size_t on_loop_ = 0;  // users
  std::unique_ptr<Loop::Timer> timer_;
  Instant timed_;
  Duration untold_;      // less than the library's millisecond
  Duration since_tick_;  // less than kTick
};

// The library's end of one association, connected by the constructor to whoever answers. All calls
// within the life of an SctpStack::Call.
class SctpSocket {
 public:
  SctpSocket(uintptr_t id, PathKind path);
  ~SctpSocket();  // tells the peer (ABORT)
  SctpSocket(const SctpSocket&) = delete;

  void receive(ByteSpan packet);
  // False if there is no room. Unordered and sent once; or, if `reliable`, in order until it has
  // arrived.
  bool send(uint16_t stream, uint32_t ppid, ByteSpan message, bool reliable);
  // No SACK waits for a second packet any more.
  void acknowledge_every_packet();

 private:
  template <typename T>
  void set(int level, int option, const T& value);
  void set_timers(PathKind path);
  void limit_packets();

  uintptr_t id_;
  struct socket* socket_;
};

}  // namespace swarmcast::transport
