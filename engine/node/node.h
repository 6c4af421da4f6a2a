// The composer: the one place where rooms meet. Data flows one way: inputs are dispatched in
// node.cc, handled in one file a concern, and leave through poll.cc.
//
//   node.cc      construction, dispatch            receive.cc  a fragment comes in
//   links.cc     links come, prove, go             forward.cc  who gets it, repairs
//   control.cc   bodies: the source's statements   poll.cc     what goes out, and when
//   rate.cc      how fast, and what is left out
//   tree.cc      the overlay's decisions           ending.cc   the end, in good order
//   signals.cc   links that nobody dials           multipath.cc  two links to one neighbour
//   outage.cc    when nothing got through for a while
//   delivery.cc  parents that speak and send nothing
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "engine/api/engine.h"
#include "engine/base/slab.h"
#include "engine/crypto/frame_verifier.h"
#include "engine/crypto/key_source.h"
#include "engine/link/clock_sync.h"
#include "engine/link/egress.h"
#include "engine/link/node_rate.h"
#include "engine/node/delivery_watch.h"
#include "engine/node/encoder_target.h"
#include "engine/node/outbox.h"
#include "engine/node/peer_link.h"
#include "engine/node/publisher.h"
#include "engine/node/rate_meter.h"
#include "engine/node/screen.h"
#include "engine/node/signalling.h"
#include "engine/node/stream_trust.h"
#include "engine/overlay/overlay.h"
#include "engine/repair/fragment_store.h"
#include "engine/repair/repair_plan.h"
#include "engine/wire/nak.h"

namespace swarmcast::node {

// Key frames are asked for at most this often, and encoders make none on demand sooner after the
// last one.
inline constexpr Duration kKeyRequestGap = Duration::millis(500);

// What newcomers and children of other parents have missed takes no more than this, of what is
// sent; and, saved up, what fills all places of a fat uplink twice. Bytes.
inline constexpr double kCatchUpShare = 0.1;
inline constexpr double kMostCatchUp = 256 * 1'024;

class Node final : public Engine {
 public:
  Node(Instant now, const EngineOptions& options, const CryptoProvider& crypto,
       std::unique_ptr<PayloadMemory> memory);
  ~Node() override;

  void handle(Instant now, const Input& input) override;
  std::optional<Output> poll(Instant now) override;
  Instant next_timeout() const override;
  EngineStats stats(Instant now) const override;
  std::optional<LinkId> parent(StripeId stripe) const override;
  std::optional<StreamTime> stream_time(Instant now) const override;
  SourceKeyHash source_key_hash() const override { return trust_.source_key_hash(); }
  PeerId peer_id() const override { return self_; }

 private:
  // node.cc
  void start(Instant now);
  bool is_source() const { return options_.role == Role::kSource; }
  std::optional<Instant> local_time(Instant now, StreamTime t) const;
  std::optional<StreamTime> screen_time(Instant now);
  template <typename Event>
  void emit(Event event) {
    events_.emplace_back(std::move(event));
  }
  void on(Instant now, const input::LinkUp& in);
  void on(Instant now, const input::LinkDown& in);
  void on(Instant now, const input::Datagram& in);
  void on(Instant now, const input::PublishFrame& in);
  void on(Instant now, const input::NeedKeyFrame& in);
  void on(Instant now, const input::SetPlaces& in);
  void on(Instant now, const input::Stop& in);
  void on(Instant now, const input::Timeout& in);
  void settle(Instant now);

  // links.cc
  PeerLink* find(LinkId link);
  PeerLink& add_link(Instant now, LinkId link);
  void drop_link(Instant now, PeerLink& link);
  void drop_forger(Instant now, PeerLink& link);
  void remove_link(LinkId link);
  void on_hello(Instant now, PeerLink& link, ByteSpan message);
  void check_handshake(Instant now, PeerLink& link);
  void on_proven(Instant now, PeerLink& link);
  void join_overlay(Instant now, PeerLink& link);
  void tell_link_changed(const PeerLink& link, output::LinkState state = output::LinkState::kUp);
  void on_handshake_failed(Instant now, PeerLink& link);
  void on_ping(Instant now, PeerLink& link, ByteSpan message);
  void on_pong(Instant now, PeerLink& link, ByteSpan message);
  void drop_dead_links(Instant now);
  void serve(Instant now, PeerLink& link);
  void serve_control(Instant now, PeerLink& link);
  bool may_ask(const PeerLink& link) const;
  void serve_child_side(Instant now, PeerLink& link);
  void send(Instant now, PeerLink& link, ByteSpan message);

  // control.cc
  void on_envelope(Instant now, PeerLink& link, ByteSpan message);
  void on_body(Instant now, PeerLink& link, const wire::Body& body);
  void on_welcome(Instant now, PeerLink& link, const wire::body::Welcome& welcome);
  bool on_key_request(Instant now);
  void on_verdict(Instant now, PeerLink& link, StreamTrust::Verdict verdict);
  void say(PeerLink& link, const wire::Body& body);
  bool request_key(Instant now);

  // signals.cc
  Signalling::Moment moment(Instant now) const;
  void on(Instant now, const input::LocalDescription& in);
  void on(Instant now, const input::SignalPathUp& in);
  void on(Instant now, const input::SignalPathDown& in);
  void on(Instant now, const input::Signal& in);
  void on_record(Instant now, PeerLink& link, const wire::body::Record& record);
  void carry_out(Instant now, const overlay::Knock& a);
  void carry_out(Instant now, const overlay::WantEntryPath& a);
  void carry_out_signalling(Instant now);
  void carry_out(Instant now, const signalling_action::Send& a);
  void carry_out(Instant now, const signalling_action::Prepare& a);
  void carry_out(Instant now, const signalling_action::Describe& a);
  void carry_out(Instant now, const signalling_action::GiveUp& a);
  void carry_out(Instant now, const signalling_action::EntryKnown& a);
  std::optional<Output> next_path_message();

  // tree.cc
  void carry_out_overlay(Instant now);
  void carry_out(Instant now, const overlay::Dial& a);
  void carry_out(Instant now, const overlay::Drop& a);
  void carry_out(Instant now, const overlay::Say& a);
  void carry_out(Instant now, const overlay::Feed& a);
  void carry_out(Instant now, const overlay::StopFeed& a);
  void carry_out(Instant now, const overlay::ParentChanged& a);
  void carry_out(Instant now, const overlay::RelationChanged& a);
  void carry_out(Instant now, const overlay::Failed& a);

  // receive.cc
  void on_fragment(Instant now, PeerLink& from, ByteSpan message);
  void on_lean_fragment(Instant now, PeerLink& from, ByteSpan message);
  void on_whole_fragment(Instant now, PeerLink& from, ByteSpan message);
  void hold(Instant now, PeerLink& from, FrameId frame, ByteSpan message);
  void release_held(Instant now, FrameId frame);
  std::optional<FragmentView> take(Instant now, PeerLink& from, ByteSpan message);
  void on_stored(Instant now, PeerLink& from, FragmentId id);
  void rebuild_lost(Instant now, const repair::FrameState& frame, std::optional<StripeId> stripe);
  Instant hungry_from(Instant now) const;
  Instant deadline_of(Instant now, const FrameHeader& header) const;
  Duration horizon() const;
  Duration patience() const;
  bool is_leaf() const;
  bool sender_knows_deadline() const;

  // forward.cc
  void feed(Instant now, PeerLink& child, const overlay::Feed& wanted);
  void begin_feeding(PeerLink& child);
  void push(Instant now, const FrameHeader& header, uint8_t index, const PeerLink* except);
  void order(Instant now, PeerLink& child, const FrameHeader& header, uint8_t index,
             Instant deadline);
  void on_nak(Instant now, PeerLink& link, ByteSpan message);
  void stop_feeding(PeerLink& child);
  void stop_feeding(PeerLink& child, StripeId stripe);
  void answer_nak(Instant now, PeerLink& link, LinkSequence sequence, const wire::Nak& nak,
                  wire::SequenceRanges& settled);
  void on_settled(PeerLink& link, ByteSpan message);
  void send_second_copies(Instant now);
  bool is_last_try(Instant now, const PeerLink& link, const FrameHeader& header) const;
  Duration source_playout() const;
  void update_plan();
  uint8_t parity_for(const EncodedFrame& frame) const;

  // rate.cc
  void on_feedback(Instant now, PeerLink& link, ByteSpan message);
  DataRate sustained_rate_to(const PeerLink& child);
  void update_encoder(Instant now);
  void tell_shedding(Instant now, PeerLink& child);
  void on_shedding(Instant now, PeerLink& parent, const wire::body::Shedding& told);

  // outage.cc
  void watch_stall(Instant now, PeerLink& child);
  void end_stall(Instant now, PeerLink& child);
  void watch_outage(Instant now, PeerLink& child, const wire::Nak& nak);
  Duration playout_below(const PeerLink& child) const;
  bool is_sooner_than_key(Instant now, const PeerLink& child, size_t bytes) const;
  FrameNumber first_unheard_of(const PeerLink& child, FrameNumber key) const;
  bool catch_up(Instant now, PeerLink& child);

  // delivery.cc
  void watch_delivery(Instant now);
  bool is_owed(Instant now, const PeerLink& parent, StripeId stripe) const;
  DeliveryWatch::Tally tally(Instant now, Duration patience, const DeliveryWatch& watch,
                             StripeId stripe) const;

  // multipath.cc
  PeerLink* any_parent();
  PeerLink* other_path(const PeerLink& link);
  bool is_parent(const PeerLink& link) const;
  void tell_other_addresses(PeerLink& child);
  bool may_be_path(const PeerLink& link) const;
  bool decide(Instant now, PeerLink& link, const wire::Body& first);
  void attach_path(Instant now, PeerLink& link);
  PeerLink& way_to(PeerLink& child, uint8_t index);
  void send_again(Instant now, PeerLink& silent, PeerLink& other, uint16_t next);
  void on_path(Instant now, PeerLink& link, const wire::body::Path& path);
  void on_also_at(Instant now, PeerLink& link, const wire::body::AlsoAt& also);
  void tend_paths(Instant now);
  void open_path(Instant now);
  void on_path_silent(Instant now, PeerLink& link);
  void on_path_speaks(Instant now, PeerLink& link);
  bool path_ended(Instant now, PeerLink& gone);

  // poll.cc
  std::optional<Output> next_frame(Instant now);
  std::optional<Output> next_fragment(Instant now);
  bool has_proof(const PeerLink& child, FragmentId fragment, bool repair) const;

  // ending.cc
  void end(Instant now, output::EndReason reason);
  void finish(Instant now);
  bool may_finish(Instant now) const;

  const CryptoProvider& crypto_;
  EngineOptions options_;
  crypto::KeySource keys_;
  SigningKey identity_;
  PeerId self_;

  Slab slab_;
  repair::FragmentStore store_;
  StreamTrust trust_;
  std::optional<crypto::FrameVerifier> verifier_;
  std::optional<Publisher> publisher_;
  std::optional<Screen> screen_;
  EngineStats counts_;  // the counters of its members that no room keeps
  Signalling signalling_;
  overlay::Overlay overlay_;
  link::EgressController egress_;
  link::NodeRate rate_;
  link::ClockSync clock_;
  std::array<DeliveryWatch, kMaxStripes> deliveries_;
  StreamTime last_screen_time_;
  Instant started_;

  std::vector<std::unique_ptr<PeerLink>> links_;
  Outbox outbox_;
  std::deque<Output> events_;
  std::deque<signalling_action::Send> path_outbox_;
  std::vector<uint8_t> path_message_;  // being sent
  Instant now_;
  Instant upkeep_at_;
  Instant key_requested_;
  Instant no_key_before_;  // a parent that speaks again knows best what was missed
  std::optional<output::EndReason> ending_;
  Instant ending_at_ = Instant::never();
  bool finished_ = false;

  // Second copies of repairs, kept apart from the first so that one run of losses spares one.
  struct Delayed {
    Instant at;
    link::SendOrder order;
  };
  std::deque<Delayed> second_copies_;
  repair::RepairPlan plan_;
  repair::RepairBudget catch_ups_{kCatchUpShare, kMostCatchUp};
  uint32_t paths_ = 0;   // second paths tried
  double loss_run_ = 1;  // mean length of a run of losses, in messages, as our children tell

  RateMeter media_rate_;
  std::optional<EncoderTarget> encoder_;  // source
  uint64_t sound_published_ = 0;          // bytes
  std::vector<uint8_t> rebuild_scratch_;  // as large as the most that was ever missing
  Bytes<kMaxMessageSize> repair_{};       // the repair being sent
  Bytes<kMaxMessageSize> lean_{};         // a lean fragment being sent
};

}  // namespace swarmcast::node
