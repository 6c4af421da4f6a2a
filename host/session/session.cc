#include "host/session/session.h"

#include <set>
#include <unordered_map>

#include "host/media_loader/media_load.h"
#include "host/platform/locked_memory.h"
#include "host/platform/sodium_crypto.h"
#include "host/rendezvous/signalling.h"
#include "host/session/broadcaster.h"
#include "host/session/held_frames.h"
#include "host/session/latency_window.h"
#include "host/session/local_address.h"
#include "host/session/viewer.h"
#include "host/transport/composite_transport.h"
#include "host/transport/endpoint_text.h"
#include "rendezvous_codec/invite.h"

namespace swarmcast::session {
namespace {

constexpr size_t kSlabSize = 8 << 20;
constexpr Duration kStatsInterval = Duration::seconds(1);
// How long a window says why the broadcast is over.
constexpr Duration kEndShown = Duration::seconds(4);

SessionEnd local_failure(std::string sentence) {
  return {.cause = SessionEnd::Cause::kLocal, .sentence = std::move(sentence)};
}

}  // namespace

class Session::Impl final : private transport::LinkEvents, private rendezvous::SignalEvents {
 public:
  Impl(Loop& loop, const SessionOptions& options, SessionObserver& observer)
      : loop_(loop),
        options_(options),
        observer_(observer),
        slab_(kSlabSize),
        signalling_(loop, static_cast<rendezvous::SignalEvents&>(*this)),
        engine_timer_(loop, [this] { give(input::Timeout{}); }),
        stats_timer_(loop, [this] { report_stats(); }),
        end_timer_(loop, [this] { observer_.on_finished(); }) {}

  ~Impl() override { platform::sodium_crypto().wipe(options_.engine.secret); }

  std::optional<SessionEnd> start();
  void stop();

 private:
  // LinkEvents
  void on_up(LinkId link, bool ours, const Fingerprint& local, const Fingerprint& remote,
             const Endpoint& remote_endpoint) override {
    give(input::LinkUp{link, ours, local, remote, remote_endpoint});
  }
  void on_message(LinkId link, ByteSpan message, Instant arrived) override {
    give(input::Datagram{link, message, arrived});
  }
  void on_down(LinkId link, transport::DownReason reason) override;
  void on_local_description(LinkId link, const LinkDescription& description) override {
    give(input::LocalDescription{link, description});
  }

  // SignalEvents
  void on_path_up(SignalPathId path, bool to_entry) override {
    give(input::SignalPathUp{path, to_entry});
  }
  void on_signal(SignalPathId path, ByteSpan message) override {
    give(input::Signal{path, message});
  }
  void on_path_down(SignalPathId path) override { give(input::SignalPathDown{path}); }
  void on_path_failed(const std::string& sentence) override {
    if (!ended_ && std::exchange(path_failure_, sentence) != sentence)
      observer_.on_notice(sentence);
  }

  std::optional<SessionEnd> start_capture();
  void on_media(const LoadedMedia& media);
  void open_viewer();
  bool needs_media() const { return options_.sink != Sink::kNone && options_.sink != Sink::kTimed; }
  void create_engine();
  void give(const Input& input);
  void pump(Instant now);

  void carry_out(const output::Transmit& o) { transport_->send(o.link, o.lane, o.message); }
  void carry_out(const output::OpenLink& o) { transport_->dial(o.link, o.contact); }
  void carry_out(const output::PrepareLink& o) {
    using enum transport::LinkRole;
    using enum transport::LinkCertificate;
    transport_->prepare(o.link, o.initiator ? kInitiator : kResponder,
                        o.listener_certificate ? kListener : kFresh);
  }
  void carry_out(const output::RemoteDescription& o) {
    transport_->set_remote_description(o.link, o.description);
  }
  void carry_out(const output::CloseLink& o) { transport_->close(o.link); }
  void carry_out(const output::NeedSignalPath&) {
    signalling_.seek(options_.origin, options_.engine.entry->endpoint, options_.meeting);
  }
  void carry_out(const output::SendSignal& o) { signalling_.send(o.path, o.bytes); }
  void carry_out(const output::Frame& o);
  void carry_out(const output::KeyFrameWanted&) { broadcaster_->request_key_frame(); }
  void carry_out(const output::EncoderHint& o) {
    broadcaster_->set_target(static_cast<int>(o.target.kbps()), o.sound_only);
  }
  void carry_out(const output::StreamKnown& o);
  void carry_out(const output::LinkChanged& o);
  void carry_out(const output::AddressObserved& o);
  void carry_out(const output::Ended& o);

  void time_picture(const output::Frame& o);
  void hide_address();
  void serve_gateway();
  void print_invite(const Endpoint& address);
  void on_input_end(const std::string& error);
  void finish(const SessionEnd& end);
  void report_stats();

  Loop& loop_;
  SessionOptions options_;
  SessionObserver& observer_;
  platform::LockedMemory slab_;
  std::unique_ptr<transport::Transport> transport_;
  rendezvous::Signalling signalling_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Broadcaster> broadcaster_;
  std::optional<MediaLoad> media_load_;  // viewer
  media::Module* media_ = nullptr;
  std::optional<StreamDescription> stream_;
  HeldFrames held_;  // until there is a viewer
  std::unique_ptr<Viewer> viewer_;
  Loop::Timer engine_timer_;
  Loop::Timer stats_timer_;
  Loop::Timer end_timer_;
  LatencyWindow latency_;
  std::unordered_map<LinkId, transport::PathKind> paths_;
  std::set<transport::DownReason> said_;
  std::string invite_;
  std::string path_failure_;        // as told last
  std::optional<SessionEnd> wish_;  // why stop() was called, if not by the user
  bool ended_ = false;
  bool sound_only_ = false;
};

void Session::Impl::on_down(LinkId link, transport::DownReason reason) {
  using enum transport::DownReason;
  const bool telling = reason == kWrongCertificate || reason == kUnreachable ||
                       reason == kRelayRefused || reason == kRelaySilent || reason == kNoCandidates;
  // Nobody is where an entry that waits at a meeting place is dialled.
  if (options_.meeting && reason == kUnreachable) return give(input::LinkDown{link});
  // Every further attempt would say the same.
  if (telling && said_.insert(reason).second) observer_.on_notice(transport::sentence(reason));
  give(input::LinkDown{link});
}

std::optional<SessionEnd> Session::Impl::start() {
  const bool source = options_.engine.role == Role::kSource;
  if (source) platform::system_random(options_.engine.secret);
  platform::system_random(options_.engine.seed);
  transport_ = std::make_unique<transport::CompositeTransport>(
      loop_, platform::sodium_crypto(), options_.engine.secret,
      static_cast<transport::LinkEvents&>(*this),
      transport::CompositeTransport::Settings{.options = options_.transport});
  if (const auto problem = transport_->listen(options_.listen)) return local_failure(*problem);
  options_.engine.listen_fingerprint = transport_->fingerprint();
  options_.engine.can_reach_gateways = true;
  const Endpoint local = transport_->local_endpoint();
  if (source && options_.all_interfaces && transport::is_unspecified(local) &&
      !options_.transport.relay_only)
    options_.engine.other_addresses = addresses_of_other_interfaces(address_for_invite(local));
  if (options_.transport.relay_only) hide_address();
  if (source || !options_.transport.relay_only) serve_gateway();
  stats_timer_.set(Loop::now() + kStatsInterval);
  if (source) return start_capture();
  if (needs_media())
    media_load_.emplace(loop_, load_media, [this](const LoadedMedia& m) { on_media(m); });
  create_engine();
  return std::nullopt;
}

std::optional<SessionEnd> Session::Impl::start_capture() {
  const LoadedMedia media = load_media();
  if (!media.module) return local_failure(media.error);
  broadcaster_ = std::make_unique<Broadcaster>(
      loop_, *media.module, *options_.input,
      Broadcaster::Events{
          .on_ready =
              [this](const media::StreamFormat& f) {
                options_.engine.stream.width = static_cast<uint16_t>(f.width);
                options_.engine.stream.height = static_cast<uint16_t>(f.height);
                options_.engine.stream.fps = static_cast<uint8_t>(f.fps);
                options_.engine.stream.audio_channels = static_cast<uint8_t>(f.audio_channels);
                options_.engine.stream.codec = f.codec;
                options_.engine.bitrate = DataRate::kbps(options_.input->bitrate_kbps);
                create_engine();
              },
          .on_frame = [this](const EncodedFrame& frame,
                             Instant captured) { give(input::PublishFrame{frame, captured}); },
          .on_notice = [this](const std::string& sentence) { observer_.on_notice(sentence); },
          .on_end = [this](const std::string& error) { on_input_end(error); }});
  broadcaster_->start();
  return std::nullopt;
}

void Session::Impl::create_engine() {
  const Instant now = Loop::now();
  engine_ = Engine::create(now, options_.engine, platform::sodium_crypto(), slab_.bytes());
  platform::sodium_crypto().wipe(options_.engine.seed);
  if (options_.engine.role == Role::kSource) {
    observer_.on_stream(options_.engine.stream);
    print_invite(address_for_invite(transport_->local_endpoint()));
  }
  pump(now);
}

void Session::Impl::give(const Input& input) {
  if (!engine_ || ended_) return;
  const Instant now = Loop::now();
  engine_->handle(now, input);
  pump(now);
}

void Session::Impl::pump(Instant now) {
  while (const auto output = engine_->poll(now))
    std::visit([this](const auto& o) { carry_out(o); }, *output);
  transport_->flush();
  engine_timer_.set(ended_ ? Instant::never() : engine_->next_timeout());
}

void Session::Impl::carry_out(const output::Frame& o) {
  if (viewer_)
    viewer_->play(o.frame, o.present_at, o.show);
  else if (needs_media())
    held_.add(o.frame, o.present_at, o.show);
  if (options_.sink == Sink::kTimed && o.show && o.frame.track == kVideoTrack) time_picture(o);
}

void Session::Impl::time_picture(const output::Frame& o) {
  const Instant now = Loop::now();
  const Instant presented = std::max(now, o.present_at);
  const auto shown = engine_->stream_time(presented);
  if (!shown) return;
  const Duration latency = *shown - o.frame.capture;
  latency_.add(presented, latency);
  observer_.on_picture(
      {o.frame.number, o.frame.capture, latency, presented - now, !o.late && now <= o.present_at});
}

void Session::Impl::carry_out(const output::StreamKnown& o) {
  observer_.on_stream(o.stream);
  if (!needs_media() || stream_) return;
  stream_ = o.stream;
  if (media_) open_viewer();
}

void Session::Impl::on_media(const LoadedMedia& media) {
  if (ended_) return;
  if (!media.module) {
    wish_ = local_failure(media.error);
    return stop();
  }
  media_ = media.module;
  if (stream_) open_viewer();
}

void Session::Impl::open_viewer() {
  viewer_ = std::make_unique<Viewer>(
      loop_, *media_, options_.sink, *stream_,
      Viewer::Events{
          .on_presented =
              [this](StreamTime capture, Instant presented) {
                if (const auto shown = engine_->stream_time(presented))
                  latency_.add(presented, *shown - capture);
              },
          .on_need_key_frame = [this] { give(input::NeedKeyFrame{}); },
          .on_error =
              [this](const std::string& sentence) {
                wish_ = {.cause = SessionEnd::Cause::kOutputFailed, .sentence = sentence};
                stop();
              },
          .on_closed = [this] { stop(); },
          .on_notice = [this](const std::string& sentence) { observer_.on_notice(sentence); }});
  held_.play_all([this](const EncodedFrame& frame, Instant present_at, bool show) {
    viewer_->play(frame, present_at, show);
  });
}

// Of a link that is gone, the path is what it was.
void Session::Impl::carry_out(const output::LinkChanged& o) {
  transport::PathKind& path = paths_[o.link];
  if (o.state == output::LinkState::kUp) {
    path = transport_->path(o.link);
    said_.erase(transport::DownReason::kUnreachable);
    signalling_.leave();
  }
  observer_.on_link(o, path);
  if (o.state == output::LinkState::kDown) paths_.erase(o.link);
}

// Others reach us where our parent sees us, unless we were told to listen on one address only.
void Session::Impl::carry_out(const output::AddressObserved& o) {
  if (options_.transport.relay_only) return;
  const Endpoint bound = transport_->local_endpoint();
  print_invite(transport::is_unspecified(bound) ? o.endpoint : bound);
}

void Session::Impl::carry_out(const output::Ended& o) {
  finish(wish_.value_or(SessionEnd{.engine_reason = o.reason}));
}

// On the port's number: the invite names one for both.
void Session::Impl::serve_gateway() {
  if (const auto problem = signalling_.serve(transport_->local_endpoint(), options_.web))
    observer_.on_notice(*problem);
}

// Nobody is told to dial us. Only a source's invite names us still: without it nobody could join.
void Session::Impl::hide_address() {
  options_.engine.listening = false;
  if (options_.engine.role != Role::kSource) return;
  observer_.on_notice(
      "whoever has the invite still learns this computer's address; relay-only hides it from those "
      "who come through others");
}

void Session::Impl::print_invite(const Endpoint& address) {
  if (!options_.engine.listening) return;
  Endpoint entry = address;
  if (const auto wanted = transport::parse_address(options_.advertised_host)) entry.ip = wanted->ip;
  const std::string url = rendezvous::invite_url({.secret = options_.engine.secret,
                                                  .source_key_hash = engine_->source_key_hash(),
                                                  .fingerprint = transport_->fingerprint(),
                                                  .entry = entry});
  if (url == invite_) return;
  invite_ = url;
  observer_.on_invite(url);
}

void Session::Impl::on_input_end(const std::string& error) {
  wish_ = error.empty() ? SessionEnd{.cause = SessionEnd::Cause::kInputEnded}
                        : SessionEnd{.cause = SessionEnd::Cause::kInputFailed, .sentence = error};
  stop();
}

void Session::Impl::stop() {
  if (ended_) return observer_.on_finished();
  if (engine_)
    give(input::Stop{});
  else
    finish(wish_.value_or(SessionEnd{}));
}

void Session::Impl::finish(const SessionEnd& end) {
  if (ended_) return;
  if (engine_) report_stats();
  ended_ = true;
  stats_timer_.cancel();
  observer_.on_ended(end);
  const bool wished = end.engine_reason == output::EndReason::kStopped;
  if (options_.sink != Sink::kWindow || !viewer_ || wished) return observer_.on_finished();
  viewer_->show_end();
  end_timer_.set(Loop::now() + kEndShown);
}

void Session::Impl::report_stats() {
  const Instant now = Loop::now();
  stats_timer_.set(now + kStatsInterval);
  if (!engine_ || ended_) return;
  if (viewer_ && viewer_->sound_only(now) != sound_only_) {
    sound_only_ = !sound_only_;
    observer_.on_notice(sound_only_ ? "Sound only: the picture does not fit through the network."
                                    : "The picture is back.");
  }
  observer_.on_stats({.engine = engine_->stats(now),
                      .latency = latency_.summary(now),
                      .wire_in = transport_->stats().wire_in,
                      .wire_out = transport_->stats().wire_out});
}

Session::Session(Loop& loop, const SessionOptions& options, SessionObserver& observer)
    : impl_(std::make_unique<Impl>(loop, options, observer)) {}
Session::~Session() = default;
std::optional<SessionEnd> Session::start() { return impl_->start(); }
void Session::stop() { impl_->stop(); }

}  // namespace swarmcast::session
