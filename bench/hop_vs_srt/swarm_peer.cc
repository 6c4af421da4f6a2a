// Our end of a hop: the real engine over the real transport, frames made up instead of encoded.
#include <array>
#include <csignal>
#include <functional>
#include <set>

#include "bench/hop_vs_srt/peer.h"
#include "engine/api/engine.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"
#include "host/loop/loop.h"
#include "host/platform/locked_memory.h"
#include "host/platform/sodium_crypto.h"
#include "host/transport/endpoint_text.h"
#include "host/transport/native_transport.h"
#include "rendezvous_codec/invite.h"

namespace swarmcast::bench {
namespace {

constexpr size_t kSlabSize = 8 << 20;

// An engine and its links on a loop; what a session is in the product, less the media.
class Peer : private transport::LinkEvents {
 public:
  Peer(Loop& loop, const EngineOptions& options)
      : loop_(loop),
        options_(options),
        slab_(kSlabSize),
        timer_(loop, [this] { give(input::Timeout{}); }) {}

  // False if it cannot listen.
  bool start(const std::string& listen) {
    platform::system_random(options_.seed);
    transport_ = std::make_unique<transport::NativeTransport>(
        loop_, platform::sodium_crypto(), options_.secret,
        static_cast<transport::LinkEvents&>(*this));
    const auto where = transport::parse_endpoint(listen);
    if (!where || transport_->listen(*where)) return false;
    options_.listen_fingerprint = transport_->fingerprint();
    engine_ = Engine::create(Loop::now(), options_, platform::sodium_crypto(), slab_.bytes());
    pump(Loop::now());
    return true;
  }

  void give(const Input& input) {
    const Instant now = Loop::now();
    engine_->handle(now, input);
    pump(now);
  }

  Engine& engine() { return *engine_; }
  std::string invite() const {
    return rendezvous::invite_url({.secret = options_.secret,
                                   .source_key_hash = engine_->source_key_hash(),
                                   .fingerprint = transport_->fingerprint(),
                                   .entry = transport_->local_endpoint()});
  }

  std::function<void(const output::Frame&)> on_frame;
  std::function<void(ByteSpan)> on_media_out, on_media_in;  // whole messages

 private:
  void on_up(LinkId link, bool ours, const Fingerprint& local, const Fingerprint& remote,
             const Endpoint& remote_endpoint) override {
    give(input::LinkUp{link, ours, local, remote, remote_endpoint});
  }
  void on_message(LinkId link, ByteSpan message, Instant arrived) override {
    if (on_media_in && message[0] == wire::kFragmentType) on_media_in(message);
    give(input::Datagram{link, message, arrived});
  }
  void on_local_description(LinkId, const LinkDescription&) override {}
  void on_down(LinkId link, transport::DownReason) override { give(input::LinkDown{link}); }

  void pump(Instant now) {
    while (const auto output = engine_->poll(now))
      std::visit([this](const auto& o) { carry_out(o); }, *output);
    transport_->flush();
    timer_.set(engine_->next_timeout());
  }
  void carry_out(const output::Transmit& o) {
    if (on_media_out && o.lane == output::Lane::kMedia) on_media_out(o.message);
    transport_->send(o.link, o.lane, o.message);
  }
  void carry_out(const output::OpenLink& o) { transport_->dial(o.link, o.contact); }
  void carry_out(const output::CloseLink& o) { transport_->close(o.link); }
  void carry_out(const output::Frame& o) {
    if (on_frame) on_frame(o);
  }
  void carry_out(const auto&) {}  // what a session tells its user

  Loop& loop_;
  EngineOptions options_;
  platform::LockedMemory slab_;
  std::unique_ptr<transport::NativeTransport> transport_;
  std::unique_ptr<Engine> engine_;
  Loop::Timer timer_;
};

// When each fragment was first sent, or came for the first time as a repair: [frame, index, us].
class FragmentLog {
 public:
  void add(ByteSpan message, bool only_repairs) {
    const auto id = wire::id_of_fragment(message);
    if (!id || id->frame.track != kVideoTrack) return;
    const uint64_t key = uint64_t{id->frame.number.value()} << 8 | id->index;
    const bool repair = wire::parse_hop_header(message).answers.has_value();
    if (!seen_.insert(key).second || (only_repairs && !repair)) return;
    entries_.push_back({id->frame.number.value(), id->index, Loop::now().us()});
  }
  // Some lines of it: one would be too long.
  void tell() const {
    constexpr size_t kLine = 200;
    for (size_t i = 0; i < entries_.size(); i += kLine) {
      const auto end = entries_.begin() + std::min(i + kLine, entries_.size());
      say({{"event", "log"}, {"fragments", std::vector(entries_.begin() + i, end)}});
    }
  }

 private:
  std::set<uint64_t> seen_;
  std::vector<std::array<int64_t, 3>> entries_;
};

nlohmann::json repair_counts(Engine& engine) {
  const RepairCounts counts = engine.stats(Loop::now()).repair;
  return {{"asked", counts.nak_sent},
          {"spurious", counts.spurious},
          {"fec_recovered", counts.fec_recovered}};
}

class Sender {
 public:
  explicit Sender(const PeerOptions& options)
      : options_(options),
        peer_(loop_, engine_options(options)),
        timer_(loop_, [this] { on_due(); }) {
    if (options.log) peer_.on_media_out = [this](ByteSpan m) { log_.add(m, false); };
  }

  int run() {
    if (!peer_.start(options_.listen)) return 1;
    loop_.watch_signals({SIGTERM}, [this](int) { loop_.quit(); });
    say({{"event", "invite"}, {"url", peer_.invite()}});
    due_ = Loop::now();
    on_due();
    loop_.run();
    return 0;
  }

 private:
  static EngineOptions engine_options(const PeerOptions& options) {
    EngineOptions out{.role = Role::kSource};
    platform::system_random(out.secret);
    out.stream.fps = kFramesPerSecond;
    out.stream.playout = Duration::millis(options.latency_ms);
    return out;
  }

  // The stream begins when its viewer is there.
  void on_due() {
    due_ = due_ + kFramePeriod;
    timer_.set(due_);
    if (peer_.engine().stats(Loop::now()).children == 0) return;
    if (number_ == kWarmUpFrames + options_.frames + kTailFrames) return finish();
    if (number_ > kWarmUpFrames + options_.frames + kTailFrames) return;
    announce(number_, options_);
    const Instant now = Loop::now();
    write_stamp(frame_, {.frame = number_++, .given_us = now.us()});
    // Every frame stands by itself: what SRT carries knows no references either.
    peer_.give(input::PublishFrame{{.track = kVideoTrack, .key = true, .payload = frame_}, now});
  }

  void finish() {
    ++number_;
    nlohmann::json result = {{"event", "sent"}, {"repair", repair_counts(peer_.engine())}};
    if (options_.log) log_.tell();
    say(result);
  }

  const PeerOptions options_;
  Loop loop_;
  Peer peer_;
  Loop::Timer timer_;
  FragmentLog log_;
  Instant due_;
  uint32_t number_ = 0;
  std::vector<uint8_t> frame_ = std::vector<uint8_t>(kFrameBytes, 0x5a);
};

}  // namespace

int run_swarm_sender(const PeerOptions& options) { return Sender(options).run(); }

int run_swarm_receiver(const PeerOptions& options) {
  const auto parsed = rendezvous::parse_invite(options.connect);
  const auto* invite = std::get_if<rendezvous::Invite>(&parsed);
  if (!invite) return 1;
  EngineOptions engine{
      .role = Role::kViewer,
      .secret = invite->secret,
      .source_key_hash = invite->source_key_hash,
      .entry = Contact{.endpoint = invite->entry, .fingerprint = invite->fingerprint},
      .max_places = 0,
      .parent_only = true,
      .playout = Duration::millis(options.latency_ms)};
  Loop loop;
  Peer peer(loop, engine);
  Tally tally(options);
  FragmentLog log;
  bool told = false;
  // A frame is opened as a whole: its blocks are all there with its last fragment.
  peer.on_frame = [&](const output::Frame& f) {
    tally.add(read_stamp(f.frame.payload), Loop::now().us(), kBlocksPerFrame);
    if (!tally.finished() || told) return;
    told = true;
    nlohmann::json result = tally.result();
    result["repair"] = repair_counts(peer.engine());
    if (options.log) log.tell();
    tally.tell_arrivals();
    say(result);
  };
  if (options.log) peer.on_media_in = [&](ByteSpan m) { log.add(m, true); };
  if (!peer.start(options.listen)) return 1;
  loop.watch_signals({SIGTERM}, [&](int) { loop.quit(); });
  loop.run();
  return 0;
}

}  // namespace swarmcast::bench
