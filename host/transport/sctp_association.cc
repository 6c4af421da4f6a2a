#include "host/transport/sctp_association.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "host/transport/data_channels.h"
#include "host/transport/dcep.h"
#include "host/transport/sctp_late_acks.h"
#include "host/transport/sctp_outbox.h"
#include "host/transport/sctp_packet.h"
#include "host/transport/sctp_receiver_shim.h"
#include "host/transport/sctp_sender_shim.h"
#include "host/transport/sctp_stack.h"

namespace swarmcast::transport {
namespace {

using Kind = SctpOutbox::Kind;
using Deliver = SctpStack::Deliver;

class Association final : public SctpAssociation, public SctpStack::User {
 public:
  Association(Loop* loop, const SctpOptions& options, DatagramSink& out, SctpEvents& events);
  ~Association() override;

  void receive(ByteSpan packet) override;
  bool send(Lane lane, ByteSpan message) override;
  void close() override;
  bool open() const override { return open_; }
  const SctpStats& stats() const override { return stats_; }

  void note_output(MutableByteSpan packet) override;
  void note_message(uint16_t stream, uint32_t ppid, ByteSpan bytes, bool last) override;
  void on_tick() override;
  void deliver(const SctpOutbox::Item& item, ByteSpan bytes) override;

 private:
  void watch_init(ByteSpan packet);
  ByteSpan apply_shims(ByteSpan packet);
  void send_reliably(const DataChannels::Message& message);
  void on_dcep(uint16_t stream, ByteSpan message);
  void open_if_ready();

  const SctpOptions options_;
  DatagramSink& out_;
  SctpEvents& events_;
  DataChannels channels_;
  SctpReceiverShim receiver_shim_;
  SctpSenderShim sender_shim_;
  SctpLateAcks late_acks_;
  SctpStats stats_;
  const uintptr_t id_;
  std::optional<SctpSocket> socket_;
  bool up_ = false;
  bool open_ = false;
  bool closed_ = false;
  bool peer_skips_ = false;            // it understands FORWARD-TSN
  std::bitset<kMaxStreams> in_parts_;  // a message too long comes in parts: all are dropped
};

Association::Association(Loop* loop, const SctpOptions& options, DatagramSink& out,
                         SctpEvents& events)
    : options_(options),
      out_(out),
      events_(events),
      channels_(options.open_channels, options.dtls_client),
      id_(SctpStack::get().add(*this, loop)) {
  const SctpStack::Call call(Deliver::kPackets);
  socket_.emplace(id_, options.path);
}

Association::~Association() {
  SctpStack::get().remove(id_);  // first: nothing is sent
}

void Association::receive(ByteSpan packet) {
  ++stats_.packets_in;
  if (closed_) return;
  if (packet.size() > kMaxDatagramSize || !is_acceptable_sctp(packet) ||
      !has_sctp_checksum(packet)) {
    ++stats_.malformed;
    return;
  }
  const SctpStack::Call call(Deliver::kEverything);
  watch_init(packet);
  const ByteSpan adapted = peer_skips_ ? apply_shims(packet) : packet;
  socket_->receive(adapted);
}

void Association::watch_init(ByteSpan packet) {
  if (up_) return;
  if (const auto announced = announces_forward_tsn(packet)) peer_skips_ = *announced;
}

// The packet as our stack is to see it.
ByteSpan Association::apply_shims(ByteSpan packet) {
  std::optional<uint32_t> forward;
  if (options_.late_acks) late_acks_.on_received(packet);
  if (options_.receiver_shim) forward = receiver_shim_.on_received(packet);
  const MutableByteSpan scratch = SctpStack::get().scratch();
  std::ranges::copy(packet, scratch.begin());
  MutableByteSpan adapted = scratch.first(packet.size());
  bool changed = false;
  if (options_.sender_shim && sender_shim_.on_received(adapted)) {
    changed = true;
    ++stats_.gaps_hidden;
    if (const auto told = sender_shim_.forward_tsn()) {
      SctpStack::get().outbox().put(id_, Kind::kPacket, 0, *told);
    }
  }
  if (forward) {
    ++stats_.gaps_closed;
    changed = true;
    adapted = insert_forward_tsn(scratch, adapted.size(), *forward);
  }
  return changed ? ByteSpan(adapted) : packet;
}

bool Association::send(Lane lane, ByteSpan message) {
  SWARMCAST_CHECK(!message.empty() && message.size() <= kMaxMessageSize);
  if (!open_) return false;
  const SctpStack::Call call(Deliver::kPackets);
  const bool sent = socket_->send(channels_.stream(lane), kBinaryPpid, message, false);
  if (!sent) ++stats_.unsent;
  return sent;
}

void Association::send_reliably(const DataChannels::Message& message) {
  const SctpStack::Call call(Deliver::kPackets);
  socket_->send(message.stream, kDcepPpid, message.bytes, true);
}

void Association::close() {
  if (closed_) return;
  closed_ = true;
  open_ = false;
  socket_.reset();
  SctpStack::get().send_packets_of(id_);  // now: the caller may close what is below us next
}

void Association::note_output(MutableByteSpan packet) {
  receiver_shim_.on_sent(packet);
  sender_shim_.on_sent(packet);
  if (options_.late_acks && open_ && peer_skips_) late_acks_.on_sent(packet);
}

void Association::note_message(uint16_t stream, uint32_t ppid, ByteSpan bytes, bool last) {
  const size_t slot = stream % kMaxStreams;
  const bool part = !last || in_parts_[slot];
  in_parts_[slot] = !last;
  if (part || bytes.empty() || bytes.size() > kMaxMessageSize ||
      (ppid != kBinaryPpid && ppid != kDcepPpid)) {
    ++stats_.refused;
    return;
  }
  if (ppid == kBinaryPpid) receiver_shim_.on_user_message();
  SctpStack::get().outbox().put(id_, ppid == kDcepPpid ? Kind::kDcep : Kind::kMessage, stream,
                                bytes);
}

void Association::on_tick() {
  if (closed_) return;
  const auto packet = late_acks_.on_tick();
  if (packet) SctpStack::get().outbox().put(id_, Kind::kPacket, 0, *packet);
  if (!options_.sender_shim || !peer_skips_ || !open_) return;
  if (const auto sack = sender_shim_.on_tick()) socket_->receive(*sack);
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
      // A path that loses DATA loses SACKs, too, and a sender that hears none for long stops.
      socket_->acknowledge_every_packet();
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

void SctpAssociation::advance(Duration elapsed) { SctpStack::get().advance(elapsed); }

}  // namespace swarmcast::transport
