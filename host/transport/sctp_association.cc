#include "host/transport/sctp_association.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "host/transport/data_channels.h"
#include "host/transport/dcep.h"
#include "host/transport/sctp_outbox.h"
#include "host/transport/sctp_packet.h"
#include "host/transport/sctp_receiver_shim.h"
#include "host/transport/sctp_sender_shim.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {
namespace {

using Kind = SctpOutbox::Kind;

// Time-outs of retransmission (RFC 9260, 6.3), in milliseconds: kept short where the path is,
// because nothing but the set-up and the library's own housekeeping waits for them.
struct TimerProfile {
  uint32_t initial, min, max;
  uint16_t init_attempts;
};
constexpr TimerProfile kDirectProfile{500, 500, 500, 12};
constexpr TimerProfile kRelayedProfile{1'500, 1'000, 3'000, 6};

constexpr Duration kTick = Duration::millis(50);
constexpr uint32_t kPathMtu = kMaxSctpPacket - kSctpHeaderSize;
constexpr uint32_t kInitialWindow = 100;     // packets: we are the congestion control, not SCTP
constexpr int kSendBuffer = 128 * 1'024;     // 100 ms at 10 Mbit/s
constexpr int kReceiveBuffer = 128 * 1'024;  // what a peer can make us keep
// The link gives up long before (NativeLimits::silence); SCTP must not in a blackout.
constexpr uint16_t kMaxRetransmissions = 60;

static_assert(kSctpHeaderSize + SctpData::kHeaderSize + kMaxMessageSize <= kMaxSctpPacket,
              "a message is one packet");

class Association;

// The library's state is the process's: one stack for all associations, one clock. Tests that let
// time pass by themselves use no loop.
class Stack {
 public:
  static Stack& get() {
    static Stack* const stack = new Stack;  // lives as long as the library, which is for ever
    return *stack;
  }
  uintptr_t add(Association& association, Loop* loop);
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
  MutableByteSpan scratch() { return scratch_; }
  // Sends what one association has in the outbox, and leaves the rest there.
  void send_packets_of(uintptr_t id);

  static int on_output(void* address, void* packet, size_t size, uint8_t, uint8_t);
  static int on_receive(struct socket*, union sctp_sockstore, void* data, size_t size,
                        struct sctp_rcvinfo info, int flags, void* id);

 private:
  Stack();
  Association* find(uintptr_t id) const {
    const auto it = associations_.find(id);
    return it == associations_.end() ? nullptr : it->second;
  }
  void deliver(Deliver what);
  void on_tick();

  std::unordered_map<uintptr_t, Association*> associations_;
  uintptr_t next_id_ = 1;
  SctpOutbox outbox_, going_out_;
  bool delivering_ = false;
  Bytes<kMaxDatagramSize + kForwardTsnSize> scratch_;

  Loop* loop_ = nullptr;
  size_t on_loop_ = 0;  // associations
  std::unique_ptr<Loop::Timer> timer_;
  Instant ticked_;
  Duration untold_;  // less than the library's millisecond
};

class Association final : public SctpAssociation {
 public:
  Association(Loop* loop, const SctpOptions& options, DatagramSink& out, SctpEvents& events);
  ~Association() override;

  void receive(ByteSpan packet) override;
  bool send(Lane lane, ByteSpan message) override;
  void close() override;
  bool open() const override { return open_; }
  const SctpStats& stats() const override { return stats_; }

  bool on_loop() const { return on_loop_; }
  // From the library: takes note, no more.
  void note_output(ByteSpan packet);
  void note_message(ByteSpan bytes, const sctp_rcvinfo& info, bool complete);
  // From the outbox.
  void deliver(const SctpOutbox::Item& item, ByteSpan bytes);

 private:
  void make_socket();
  void set_timers();
  void limit_packets();
  void acknowledge_every_packet();
  template <typename T>
  void set(int level, int option, const T& value);
  sockaddr_conn address() const;
  void watch_init(ByteSpan packet);
  ByteSpan apply_shims(ByteSpan packet);
  void send_reliably(const DataChannels::Message& message);
  void on_dcep(uint16_t stream, ByteSpan message);
  void open_if_ready();
  void release_socket();

  const SctpOptions options_;
  const bool on_loop_;
  DatagramSink& out_;
  SctpEvents& events_;
  DataChannels channels_;
  SctpReceiverShim receiver_shim_;
  SctpSenderShim sender_shim_;
  SctpStats stats_;
  uintptr_t id_ = 0;
  struct socket* socket_ = nullptr;
  bool up_ = false;
  bool open_ = false;
  bool closed_ = false;
  bool peer_skips_ = false;            // it understands FORWARD-TSN
  std::bitset<kMaxStreams> in_parts_;  // a message too long comes in parts: all are dropped
};

void* as_address(uintptr_t id) { return reinterpret_cast<void*>(id); }  // NOLINT: never followed
uintptr_t as_id(void* address) { return reinterpret_cast<uintptr_t>(address); }

Stack::Stack() {
  usrsctp_init_nothreads(0, on_output, nullptr);
  usrsctp_enable_crc32c_offload();  // packets change between us and it: we do it, once
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_reconfig_enable(0);  // a single channel is never closed
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_max_burst_default(0);
  usrsctp_sysctl_set_sctp_fr_max_burst_default(0);
  usrsctp_sysctl_set_sctp_use_cwnd_based_maxburst(0);
  usrsctp_sysctl_set_sctp_initial_cwnd(kInitialWindow);
  usrsctp_sysctl_set_sctp_blackhole(2);  // no answer to packets of no association
}

uintptr_t Stack::add(Association& association, Loop* loop) {
  const uintptr_t id = next_id_++;
  associations_[id] = &association;
  usrsctp_register_address(as_address(id));
  if (loop == nullptr) return id;
  SWARMCAST_CHECK(loop_ == nullptr || loop_ == loop);
  ++on_loop_;
  if (timer_ == nullptr) {
    loop_ = loop;
    timer_ = std::make_unique<Loop::Timer>(*loop, [this] { loop_->post([] { get().on_tick(); }); });
    ticked_ = Loop::now();
    timer_->set(ticked_ + kTick);
  }
  return id;
}

void Stack::remove(uintptr_t id) {
  const auto it = associations_.find(id);
  const bool on_loop = it->second->on_loop();
  associations_.erase(it);
  usrsctp_deregister_address(as_address(id));
  if (!on_loop || --on_loop_ > 0) return;
  timer_.reset();
  loop_ = nullptr;
}

// Not from the timer's own callback: the last association may go, and the timer with it.
void Stack::on_tick() {
  if (timer_ == nullptr) return;
  const Instant now = Loop::now();
  timer_->set(now + kTick);
  advance(now - std::exchange(ticked_, now));
}

void Stack::advance(Duration elapsed) {
  untold_ += elapsed;
  const int64_t ms = untold_.ms();
  if (ms <= 0) return;
  untold_ -= Duration::millis(ms);
  const Call call(Deliver::kEverything);
  usrsctp_handle_timers(static_cast<uint32_t>(ms));
}

int Stack::on_output(void* address, void* packet, size_t size, uint8_t, uint8_t) {
  Stack& stack = get();
  Association* association = stack.find(as_id(address));
  if (association == nullptr || size > kMaxSctpPacket) return 0;
  const MutableByteSpan bytes(static_cast<uint8_t*>(packet), size);
  set_sctp_checksum(bytes);
  association->note_output(bytes);
  stack.outbox_.put(as_id(address), Kind::kPacket, 0, bytes);
  return 0;
}

int Stack::on_receive(struct socket*, union sctp_sockstore, void* data, size_t size,
                      struct sctp_rcvinfo info, int flags, void* id) {
  Stack& stack = get();
  if (data == nullptr) return 1;
  const ByteSpan bytes(static_cast<const uint8_t*>(data), size);
  Association* association = stack.find(as_id(id));
  if (association == nullptr) {
  } else if ((flags & MSG_NOTIFICATION) == 0) {
    association->note_message(bytes, info, (flags & MSG_EOR) != 0);
  } else if (size >= sizeof(sctp_assoc_change)) {
    sctp_assoc_change change;
    std::memcpy(&change, data, sizeof change);
    if (change.sac_type == SCTP_ASSOC_CHANGE) {
      const bool up = change.sac_state == SCTP_COMM_UP;
      stack.outbox_.put(as_id(id), up ? Kind::kUp : Kind::kClosed);
    }
  }
  std::free(data);  // NOLINT(cppcoreguidelines-no-malloc): the library's
  return 1;
}

// Callbacks may send and receive, which puts more into the outbox: it goes out in the same call.
void Stack::deliver(Deliver what) {
  if (delivering_) return;
  delivering_ = true;
  SctpOutbox kept;
  while (!outbox_.empty()) {
    outbox_.swap(going_out_);
    for (const SctpOutbox::Item& item : going_out_.items()) {
      if (what == Deliver::kPackets && item.kind != Kind::kPacket) {
        kept.put(going_out_, item);
      } else if (Association* association = find(item.association)) {
        association->deliver(item, going_out_.bytes(item));
      }
    }
    going_out_.clear();
  }
  outbox_.swap(kept);
  delivering_ = false;
}

void Stack::send_packets_of(uintptr_t id) {
  SctpOutbox mixed, kept;
  outbox_.swap(mixed);
  for (const SctpOutbox::Item& item : mixed.items()) {
    if (item.association == id && item.kind == Kind::kPacket) {
      find(id)->deliver(item, mixed.bytes(item));
    } else {
      kept.put(mixed, item);
    }
  }
  for (const SctpOutbox::Item& item : kept.items()) outbox_.put(kept, item);
}

Association::Association(Loop* loop, const SctpOptions& options, DatagramSink& out,
                         SctpEvents& events)
    : options_(options),
      on_loop_(loop != nullptr),
      out_(out),
      events_(events),
      channels_(options.open_channels, options.dtls_client) {
  id_ = Stack::get().add(*this, loop);
  const Stack::Call call(Stack::Deliver::kPackets);
  make_socket();
  set_timers();
  limit_packets();
  sockaddr_conn peer = address();
  SWARMCAST_CHECK(usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0);
  const int result = usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof peer);
  SWARMCAST_CHECK(result == 0 || errno == EINPROGRESS);
  limit_packets();  // again, now that there is a path
}

Association::~Association() {
  Stack::get().remove(id_);
  release_socket();
}

void Association::release_socket() {
  if (socket_ == nullptr) return;
  usrsctp_close(socket_);
  socket_ = nullptr;
}

template <typename T>
void Association::set(int level, int option, const T& value) {
  SWARMCAST_CHECK(usrsctp_setsockopt(socket_, level, option, &value, sizeof value) == 0);
}

sockaddr_conn Association::address() const {
  sockaddr_conn out{};
  out.sconn_family = AF_CONN;
  out.sconn_port = htons(kSctpPort);
  out.sconn_addr = as_address(id_);
  return out;
}

void Association::make_socket() {
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, Stack::on_receive, nullptr, 0,
                           as_address(id_));
  SWARMCAST_CHECK(socket_ != nullptr && usrsctp_set_non_blocking(socket_, 1) == 0);
  set(SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});  // close() aborts
  set(SOL_SOCKET, SO_SNDBUF, kSendBuffer);
  set(SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set(IPPROTO_SCTP, SCTP_NODELAY, int{1});
  set(IPPROTO_SCTP, SCTP_EVENT,
      sctp_event{.se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = SCTP_ASSOC_CHANGE, .se_on = 1});
}

void Association::set_timers() {
  const TimerProfile& profile =
      options_.path == PathKind::kRelayed ? kRelayedProfile : kDirectProfile;
  set(IPPROTO_SCTP, SCTP_RTOINFO,
      sctp_rtoinfo{
          .srto_initial = profile.initial, .srto_max = profile.max, .srto_min = profile.min});
  set(IPPROTO_SCTP, SCTP_INITMSG,
      sctp_initmsg{.sinit_num_ostreams = kMaxStreams,
                   .sinit_max_instreams = kMaxStreams,
                   .sinit_max_attempts = profile.init_attempts,
                   .sinit_max_init_timeo = static_cast<uint16_t>(profile.max)});
  set(IPPROTO_SCTP, SCTP_ASSOCINFO, sctp_assocparams{.sasoc_asocmaxrxt = kMaxRetransmissions});
}

void Association::limit_packets() {
  sctp_paddrparams parameters{};
  parameters.spp_address.ss_family = AF_CONN;  // of no particular address: the whole association
  parameters.spp_flags = SPP_PMTUD_DISABLE;
  parameters.spp_pathmtu = kPathMtu;
  parameters.spp_pathmaxrxt = kMaxRetransmissions;
  set(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, parameters);
}

void Association::acknowledge_every_packet() {
  set(IPPROTO_SCTP, SCTP_DELAYED_SACK, sctp_sack_info{.sack_freq = 1});
}

void Association::receive(ByteSpan packet) {
  ++stats_.packets_in;
  if (closed_) return;
  if (packet.size() > kMaxDatagramSize || !is_acceptable_sctp(packet) ||
      !has_sctp_checksum(packet)) {
    ++stats_.malformed;
    return;
  }
  const Stack::Call call(Stack::Deliver::kEverything);
  watch_init(packet);
  const ByteSpan adapted = peer_skips_ ? apply_shims(packet) : packet;
  usrsctp_conninput(as_address(id_), adapted.data(), adapted.size(), 0);
}

void Association::watch_init(ByteSpan packet) {
  if (up_) return;
  if (const auto announced = announces_forward_tsn(packet)) peer_skips_ = *announced;
}

// The packet as our stack is to see it.
ByteSpan Association::apply_shims(ByteSpan packet) {
  std::optional<uint32_t> forward;
  if (options_.receiver_shim) forward = receiver_shim_.on_received(packet);
  const MutableByteSpan scratch = Stack::get().scratch();
  std::ranges::copy(packet, scratch.begin());
  MutableByteSpan adapted = scratch.first(packet.size());
  bool changed = false;
  if (options_.sender_shim && sender_shim_.on_received(adapted)) {
    changed = true;
    ++stats_.gaps_hidden;
    if (const auto told = sender_shim_.forward_tsn()) {
      Stack::get().outbox().put(id_, Kind::kPacket, 0, *told);
    }
  }
  if (forward) {
    // A path that loses DATA loses SACKs, too, and a sender that hears none for long stops.
    if (stats_.gaps_closed++ == 0) acknowledge_every_packet();
    changed = true;
    adapted = insert_forward_tsn(scratch, adapted.size(), *forward);
  }
  return changed ? ByteSpan(adapted) : packet;
}

bool Association::send(Lane lane, ByteSpan message) {
  SWARMCAST_CHECK(!message.empty() && message.size() <= kMaxMessageSize);
  if (!open_) return false;
  sctp_sendv_spa how{};
  how.sendv_flags = SCTP_SEND_SNDINFO_VALID | SCTP_SEND_PRINFO_VALID;
  how.sendv_sndinfo.snd_sid = channels_.stream(lane);
  how.sendv_sndinfo.snd_flags = SCTP_UNORDERED | SCTP_EOR;
  how.sendv_sndinfo.snd_ppid = htonl(kBinaryPpid);
  how.sendv_prinfo = {.pr_policy = SCTP_PR_SCTP_RTX, .pr_value = 0};
  const Stack::Call call(Stack::Deliver::kPackets);
  const bool sent = usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &how,
                                  sizeof how, SCTP_SENDV_SPA, 0) > 0;
  if (!sent) ++stats_.unsent;
  return sent;
}

void Association::send_reliably(const DataChannels::Message& message) {
  sctp_sndinfo how{};
  how.snd_sid = message.stream;
  how.snd_flags = SCTP_EOR;
  how.snd_ppid = htonl(kDcepPpid);
  const Stack::Call call(Stack::Deliver::kPackets);
  usrsctp_sendv(socket_, message.bytes.data(), message.bytes.size(), nullptr, 0, &how, sizeof how,
                SCTP_SENDV_SNDINFO, 0);
}

void Association::close() {
  if (closed_) return;
  closed_ = true;
  open_ = false;
  release_socket();
  Stack::get().send_packets_of(id_);  // now: the caller may close what is below us next
}

void Association::note_output(ByteSpan packet) {
  receiver_shim_.on_sent(packet);
  sender_shim_.on_sent(packet);
}

void Association::note_message(ByteSpan bytes, const sctp_rcvinfo& info, bool complete) {
  const size_t slot = info.rcv_sid % kMaxStreams;
  const bool part = !complete || in_parts_[slot];
  in_parts_[slot] = !complete;
  const uint32_t ppid = ntohl(info.rcv_ppid);
  if (part || bytes.empty() || bytes.size() > kMaxMessageSize ||
      (ppid != kBinaryPpid && ppid != kDcepPpid)) {
    ++stats_.refused;
    return;
  }
  if (ppid == kBinaryPpid) receiver_shim_.on_user_message();
  Stack::get().outbox().put(id_, ppid == kDcepPpid ? Kind::kDcep : Kind::kMessage, info.rcv_sid,
                            bytes);
}

void Association::deliver(const SctpOutbox::Item& item, ByteSpan bytes) {
  if (item.kind == Kind::kPacket) {  // the goodbye, too
    ++stats_.packets_out;
    return out_.send_datagram(bytes);
  }
  if (closed_) return;
  switch (item.kind) {
    case Kind::kUp:
      up_ = true;
      for (const DataChannels::Message& opening : channels_.openings()) send_reliably(opening);
      return open_if_ready();
    case Kind::kDcep:
      return on_dcep(item.stream, bytes);
    case Kind::kMessage:
      if (open_) events_.on_message(channels_.lane(item.stream), bytes);
      return;
    default:
      close();
      return events_.on_closed();
  }
}

void Association::on_dcep(uint16_t stream, ByteSpan message) {
  const auto answer = channels_.receive(stream, message);
  if (channels_.keeps_order()) receiver_shim_.disable();
  if (answer) send_reliably(*answer);
  open_if_ready();
}

void Association::open_if_ready() {
  if (!up_ || open_ || !channels_.ready()) return;
  open_ = true;
  events_.on_open();
}

}  // namespace

std::unique_ptr<SctpAssociation> SctpAssociation::create(Loop* loop, const SctpOptions& options,
                                                         DatagramSink& out, SctpEvents& events) {
  return std::make_unique<Association>(loop, options, out, events);
}

void SctpAssociation::advance(Duration elapsed) { Stack::get().advance(elapsed); }

}  // namespace swarmcast::transport
