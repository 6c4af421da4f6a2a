#include "host/transport/sctp_stack.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "host/transport/data_channels.h"
#include "host/transport/sctp_association.h"

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

constexpr uint32_t kPathMtu = kMaxSctpPacket - kSctpHeaderSize;
constexpr uint32_t kInitialWindow = 100;     // packets: we are the congestion control, not SCTP
constexpr int kSendBuffer = 128 * 1'024;     // 100 ms at 10 Mbit/s
constexpr int kReceiveBuffer = 128 * 1'024;  // what a peer can make us keep
// The link gives up long before (NativeLimits::silence); SCTP must not in a blackout.
constexpr uint16_t kMaxRetransmissions = 60;

static_assert(kSctpHeaderSize + SctpData::kHeaderSize + kMaxMessageSize <= kMaxSctpPacket,
              "a message is one packet");

void* as_address(uintptr_t id) { return reinterpret_cast<void*>(id); }  // NOLINT: never followed
uintptr_t as_id(void* address) { return reinterpret_cast<uintptr_t>(address); }

sockaddr_conn address_of(uintptr_t id) {
  sockaddr_conn out{};
  out.sconn_family = AF_CONN;
  out.sconn_port = htons(kSctpPort);
  out.sconn_addr = as_address(id);
  return out;
}

}  // namespace

SctpStack& SctpStack::get() {
  static SctpStack* const stack = new SctpStack;  // lives as long as the library, which is for ever
  return *stack;
}

SctpStack::SctpStack() {
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

uintptr_t SctpStack::add(User& user, Loop* loop) {
  const uintptr_t id = next_id_++;
  users_[id] = {&user, loop != nullptr};
  usrsctp_register_address(as_address(id));
  if (loop == nullptr) return id;
  SWARMCAST_CHECK(loop_ == nullptr || loop_ == loop);
  ++on_loop_;
  if (timer_ == nullptr) {
    loop_ = loop;
    timer_ =
        std::make_unique<Loop::Timer>(*loop, [this] { loop_->post([] { get().on_timer(); }); });
    timed_ = Loop::now();
    timer_->set(timed_ + kTick);
  }
  return id;
}

void SctpStack::remove(uintptr_t id) {
  const auto it = users_.find(id);
  const bool on_loop = it->second.on_loop;
  users_.erase(it);
  usrsctp_deregister_address(as_address(id));
  if (!on_loop || --on_loop_ > 0) return;
  timer_.reset();
  loop_ = nullptr;
}

SctpStack::User* SctpStack::find(uintptr_t id) const {
  const auto it = users_.find(id);
  return it == users_.end() ? nullptr : it->second.user;
}

// Not from the timer's own callback: the last user may go, and the timer with it.
void SctpStack::on_timer() {
  if (timer_ == nullptr) return;
  const Instant now = Loop::now();
  timer_->set(now + kTick);
  advance(now - std::exchange(timed_, now));
}

void SctpStack::advance(Duration elapsed) {
  untold_ += elapsed;
  const int64_t ms = untold_.ms();
  if (ms <= 0) return;
  untold_ -= Duration::millis(ms);
  const Call call(Deliver::kEverything);
  usrsctp_handle_timers(static_cast<uint32_t>(ms));
  since_tick_ += Duration::millis(ms);
  if (since_tick_ < kTick) return;
  since_tick_ = Duration();
  for (const auto& [id, entry] : users_) entry.user->on_tick();
}

int SctpStack::on_output(void* address, void* packet, size_t size, uint8_t, uint8_t) {
  SctpStack& stack = get();
  User* user = stack.find(as_id(address));
  if (user == nullptr || size > kMaxSctpPacket) return 0;
  const MutableByteSpan bytes(static_cast<uint8_t*>(packet), size);
  user->note_output(bytes);
  set_sctp_checksum(bytes);
  stack.outbox_.put(as_id(address), Kind::kPacket, 0, bytes);
  return 0;
}

int SctpStack::on_receive(struct socket*, union sctp_sockstore, void* data, size_t size,
                          struct sctp_rcvinfo info, int flags, void* id) {
  SctpStack& stack = get();
  if (data == nullptr) return 1;
  const ByteSpan bytes(static_cast<const uint8_t*>(data), size);
  User* user = stack.find(as_id(id));
  if (user == nullptr) {
  } else if ((flags & MSG_NOTIFICATION) == 0) {
    user->note_message(info.rcv_sid, ntohl(info.rcv_ppid), bytes, (flags & MSG_EOR) != 0);
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
void SctpStack::deliver(Deliver what) {
  if (delivering_) return;
  delivering_ = true;
  SctpOutbox kept;
  while (!outbox_.empty()) {
    outbox_.swap(going_out_);
    for (const SctpOutbox::Item& item : going_out_.items()) {
      if (what == Deliver::kPackets && item.kind != Kind::kPacket) {
        kept.put(going_out_, item);
      } else if (User* user = find(item.association)) {
        user->deliver(item, going_out_.bytes(item));
      }
    }
    going_out_.clear();
  }
  outbox_.swap(kept);
  delivering_ = false;
}

void SctpStack::send_packets_of(uintptr_t id) {
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

SctpSocket::SctpSocket(uintptr_t id, PathKind path)
    : id_(id),
      socket_(usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, SctpStack::on_receive, nullptr, 0,
                             as_address(id))) {
  SWARMCAST_CHECK(socket_ != nullptr && usrsctp_set_non_blocking(socket_, 1) == 0);
  set(SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});  // close() aborts
  set(SOL_SOCKET, SO_SNDBUF, kSendBuffer);
  set(SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set(IPPROTO_SCTP, SCTP_NODELAY, int{1});
  set(IPPROTO_SCTP, SCTP_EVENT,
      sctp_event{.se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = SCTP_ASSOC_CHANGE, .se_on = 1});
  set_timers(path);
  limit_packets();
  sockaddr_conn peer = address_of(id_);
  SWARMCAST_CHECK(usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0);
  const int result = usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&peer), sizeof peer);
  SWARMCAST_CHECK(result == 0 || errno == EINPROGRESS);
  limit_packets();  // again, now that there is a path
}

SctpSocket::~SctpSocket() { usrsctp_close(socket_); }

template <typename T>
void SctpSocket::set(int level, int option, const T& value) {
  SWARMCAST_CHECK(usrsctp_setsockopt(socket_, level, option, &value, sizeof value) == 0);
}

void SctpSocket::set_timers(PathKind path) {
  const TimerProfile& profile = path == PathKind::kRelayed ? kRelayedProfile : kDirectProfile;
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

void SctpSocket::limit_packets() {
  sctp_paddrparams parameters{};
  parameters.spp_address.ss_family = AF_CONN;  // of no particular address: the whole association
  parameters.spp_flags = SPP_PMTUD_DISABLE;
  parameters.spp_pathmtu = kPathMtu;
  parameters.spp_pathmaxrxt = kMaxRetransmissions;
  set(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, parameters);
}

void SctpSocket::acknowledge_every_packet() {
  set(IPPROTO_SCTP, SCTP_DELAYED_SACK, sctp_sack_info{.sack_freq = 1});
}

void SctpSocket::receive(ByteSpan packet) {
  usrsctp_conninput(as_address(id_), packet.data(), packet.size(), 0);
}

bool SctpSocket::send(uint16_t stream, uint32_t ppid, ByteSpan message, bool reliable) {
  sctp_sendv_spa how{};
  how.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  how.sendv_sndinfo.snd_sid = stream;
  how.sendv_sndinfo.snd_flags = SCTP_EOR;
  how.sendv_sndinfo.snd_ppid = htonl(ppid);
  if (!reliable) {
    how.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    how.sendv_sndinfo.snd_flags |= SCTP_UNORDERED;
    how.sendv_prinfo = {.pr_policy = SCTP_PR_SCTP_RTX, .pr_value = 0};
  }
  return usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &how, sizeof how,
                       SCTP_SENDV_SPA, 0) > 0;
}

}  // namespace swarmcast::transport
