#include "engine/node/node.h"

#include <algorithm>
#include <utility>

#include "engine/chunk/fragmenter.h"
#include "engine/crypto/identity.h"
#include "engine/repair/fec_policy.h"

namespace swarmcast {

std::unique_ptr<Engine> Engine::create(Instant now, const EngineOptions& options,
                                       const CryptoProvider& crypto, MutableByteSpan slab) {
  return create(now, options, crypto, std::make_unique<SpanMemory>(slab, kMaxMessageSize, crypto));
}

std::unique_ptr<Engine> Engine::create(Instant now, const EngineOptions& options,
                                       const CryptoProvider& crypto,
                                       std::unique_ptr<PayloadMemory> memory) {
  return std::make_unique<node::Node>(now, options, crypto, std::move(memory));
}

}  // namespace swarmcast

namespace swarmcast::node {

namespace {

constexpr Duration kUpkeepInterval = Duration::millis(200);
// Between two packets of sound.
constexpr Duration kSoundInterval = Duration::millis(20);
// What viewers are taken to choose, at least, where the source does not say.
constexpr Duration kAssumedPlayout = Duration::millis(300);

overlay::OverlayOptions overlay_options(const EngineOptions& o, const PeerId& self,
                                        const PeerRecord& record) {
  return {.self = self,
          .root = o.role == Role::kSource,
          .witness = o.role == Role::kViewer,
          .dialable = o.listening,
          .parent_only = o.parent_only,
          .can_reach_gateways = o.can_reach_gateways,
          .max_places = o.max_places,
          .fingerprint = o.listen_fingerprint,
          .record = record,
          .entry = o.entry};
}

}  // namespace

Node::Node(Instant now, const EngineOptions& options, const CryptoProvider& crypto,
           std::unique_ptr<PayloadMemory> memory)
    : crypto_(crypto),
      options_(options),
      keys_(crypto, options.seed),
      identity_(crypto.signing_key_from_seed(keys_.take<32>())),
      self_(crypto::peer_id(crypto, identity_.public_key())),
      slab_(std::move(memory)),
      store_(slab_, {.ring_span = options.ring_span}),
      trust_(crypto, options.source_key_hash),
      signalling_(crypto, options_, identity_, self_, keys_, counts_.signals),
      overlay_(overlay_options(options, self_, signalling_.record())),
      started_(now),
      now_(now),
      upkeep_at_(now + kUpkeepInterval),
      key_requested_(now - Duration::seconds(10)) {
  crypto_.wipe(options_.seed);
  start(now);
}

Node::~Node() {
  crypto_.wipe(identity_.bytes);
  crypto_.wipe(options_.secret);
  crypto_.wipe(rebuild_scratch_);
}

void Node::start(Instant now) {
  if (is_source()) {
    publisher_.emplace(crypto_, keys_, options_.stream, options_.safeguards.seal);
    trust_.expect(publisher_->key_hash());
    publisher_->advance(StreamTime::from_us(0), trust_);
    if (options_.bitrate > DataRate())
      encoder_.emplace(options_.bitrate, options_.stream.audio_channels > 0);
  }
  update_plan();
  overlay_.start(now);
  carry_out_overlay(now);
}

std::optional<StreamTime> Node::stream_time(Instant now) const {
  if (is_source()) return StreamTime::from_us((now - started_).us());
  if (!clock_.is_known()) return std::nullopt;
  return clock_.to_stream(now);
}

// For the screen, whose time never goes back: a better reading of the clock may.
std::optional<StreamTime> Node::screen_time(Instant now) {
  const auto time = stream_time(now);
  if (time) last_screen_time_ = std::max(last_screen_time_, *time);
  return time ? std::optional(last_screen_time_) : std::nullopt;
}

std::optional<Instant> Node::local_time(Instant now, StreamTime t) const {
  const auto time = stream_time(now);
  if (!time) return std::nullopt;
  return now + (t - *time);
}

void Node::handle(Instant now, const Input& input) {
  SWARMCAST_DCHECK(events_.empty() && outbox_.empty() && path_outbox_.empty());
  if (finished_) return;
  now_ = std::max(now_, now);
  std::visit([&](const auto& in) { on(now_, in); }, input);
  settle(now_);
}

void Node::on(Instant now, const input::PublishFrame& in) {
  if (!publisher_ || ending_) return;
  const StreamTime captured = StreamTime::from_us((in.captured - started_).us());
  const auto header = publisher_->publish(in.frame, captured, parity_for(in.frame), trust_, store_);
  if (!header) {
    ++counts_.drops.over_limit;
    if (in.frame.track == kVideoTrack) on_key_request(now);
    return;
  }
  counts_.bytes.media_in += in.frame.payload.size();
  if (in.frame.track == kAudioTrack) sound_published_ += in.frame.payload.size();
  media_rate_.add(now, in.frame.payload.size());
  for (uint8_t i = 0; i < header->total(); ++i) push(now, *header, i, nullptr);
}

// Parity follows the loss that the swarm reports.
uint8_t Node::parity_for(const EncodedFrame& frame) const {
  const auto sealed = static_cast<uint32_t>(frame.payload.size() + kAeadTagSize);
  const auto k = chunk::source_fragments(sealed, 0);
  if (!k) return 0;
  return static_cast<uint8_t>(repair::parity_fragments({.k = *k,
                                                        .temporal_id = frame.temporal_id,
                                                        .loss = overlay_.subtree_loss(),
                                                        .burst = loss_run_,
                                                        .rounds = plan_.rounds}));
}

// Whether a repair is in time depends on what viewers chose, as they tell; no viewer waits longer
// than kMaxPlayout.
Duration Node::source_playout() const {
  if (options_.stream.playout > Duration()) return options_.stream.playout;
  return std::clamp(overlay_.subtree_delay(), kAssumedPlayout, kMaxPlayout);
}

// The source plans for its deepest viewer, a viewer for itself; a relay never waits.
void Node::update_plan() {
  repair::PlanInputs in{.hops = overlay_.standing().depth};
  if (is_source()) {
    for (const auto& link : links_)
      if (link->fed && link->rtt.smoothed() > in.rtt)
        in.rtt = link->rtt.smoothed(), in.variation = link->rtt.variation();
    in.hops = std::max<unsigned>(overlay_.height(), 1);
    in.playout = source_playout();
  } else if (is_leaf()) {
    for (const auto& link : links_)
      if (is_parent(*link) && link->rtt.smoothed() > in.rtt)
        in.rtt = link->rtt.smoothed(), in.variation = link->rtt.variation();
    in.playout = screen_->playout_delay();
  }
  const StreamDescription& stream = is_source() ? options_.stream : trust_.description();
  const bool picture = stream.codec != VideoCodec::kNone && stream.fps > 0;
  in.frame_interval = picture ? Duration::seconds(1) / stream.fps : kSoundInterval;
  plan_ = repair::plan_repair(in);
  if (is_source()) egress_.set_spread(plan_.spread);
}

void Node::on(Instant now, const input::NeedKeyFrame&) {
  if (screen_) screen_->on_decoder_lost();
  request_key(now);
}

void Node::on(Instant now, const input::SetPlaces& in) { overlay_.set_places(now, in.places); }

void Node::on(Instant now, const input::Timeout&) {
  if (upkeep_at_ > now) return;
  upkeep_at_ = now + kUpkeepInterval;
  update_plan();
  const auto time = stream_time(now);
  if (time) {
    const StreamTime oldest = *time - options_.ring_span;
    store_.expire(oldest);
    trust_.expire(oldest);
  }
  if (publisher_ && time) {
    for (const auto& key : publisher_->advance(*time, trust_))
      for (const auto& link : links_)
        if (link->is_child()) say(*link, key);
  }
  for (const auto& link : links_)
    if (is_parent(*link)) overlay_.set_parent_loss(link->neighbour(), link->feedback.loss(now));
  for (const auto& link : links_) tell_shedding(now, *link);
  update_encoder(now);
  if (screen_) {
    overlay_.set_next_frame(screen_->next_wanted());
    overlay_.set_playout(screen_->playout_delay());
  }
  drop_dead_links(now);
  watch_delivery(now);
  tend_paths(now);
}

// After every input: what the rooms decided is carried out, links that have something to do are
// served.
void Node::settle(Instant now) {
  if (overlay_.next_timeout() <= now) overlay_.on_timeout(now);
  carry_out_overlay(now);
  if (signalling_.next_timeout() <= now) signalling_.on_timeout(moment(now));
  carry_out_signalling(now);
  send_second_copies(now);
  for (const auto& link : links_)
    if (link->dirty || link->due <= now) serve(now, *link);
  std::vector<LinkId> closing;
  for (const auto& link : links_)
    if (link->closing) closing.push_back(link->id);
  for (LinkId id : closing) {
    emit(output::CloseLink{id});
    on(now, input::LinkDown{id});
  }
  carry_out_overlay(now);
  carry_out_signalling(now);
  for (const auto& link : links_)
    if (link->dirty) serve(now, *link);
  if (screen_) {
    if (const auto time = screen_time(now)) {
      screen_->on_time(*time);
      if (now >= no_key_before_ && screen_->wants_key(*time)) request_key(now);
    }
  }
  if (ending_ && !finished_ && may_finish(now)) finish(now);
}

Instant Node::next_timeout() const {
  if (finished_) return Instant::never();
  Instant next = std::min({upkeep_at_, overlay_.next_timeout(), signalling_.next_timeout(),
                           egress_.next_timeout(), ending_at_});
  for (const Delayed& copy : second_copies_) next = std::min(next, copy.at);
  for (const auto& link : links_) next = std::min(next, link->dirty ? now_ : link->due);
  if (screen_) {
    if (const auto time = stream_time(now_)) {
      const StreamTime due = screen_->next_timeout(*time);
      if (!due.is_never()) next = std::min(next, now_ + (due - *time));
    }
  }
  return next;
}

}  // namespace swarmcast::node
