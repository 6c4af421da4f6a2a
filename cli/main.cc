// swarmcast: reads the command line, runs one session, prints what happens.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cli/doctor.h"
#include "cli/exit_codes.h"
#include "cli/json_reporter.h"
#include "cli/options.h"
#include "cli/protection.h"
#include "cli/simulate.h"
#include "cli/text_reporter.h"
#include "host/loop/loop.h"
#include "host/loop/time_limit.h"
#include "host/platform/last_wipe.h"
#include "host/platform/private_process.h"
#include "host/platform/sodium_crypto.h"
#include "host/session/session.h"
#include "host/transport/endpoint_text.h"
#include "host/transport/server_text.h"
#include "rendezvous_codec/invite.h"
#include "web/web_bundle.h"

namespace swarmcast::cli {
namespace {

// An error of the user's: said on stderr, nothing else happens.
int refuse(const std::string& sentence, int code = kExitUsage) {
  std::fprintf(stderr, "swarmcast: %s\n", sentence.c_str());
  return code;
}

// Looks the servers up; a sentence if one cannot be used.
std::optional<std::string> apply_servers(const CommonOptions& o, transport::TransportOptions& t) {
  if (o.stun.size() > transport::kMaxStunServers || o.turn.size() > transport::kMaxTurnServers)
    return "at most " + std::to_string(transport::kMaxStunServers) + " --stun and " +
           std::to_string(transport::kMaxTurnServers) + " --turn servers can be used";
  if (o.relayed_only && o.turn.empty())
    return "--relay-only needs a TURN server that relays: add --turn "
           "turn:USER:PASSWORD@HOST:PORT";
  t.relay_only = o.relayed_only;
  for (const std::string& text : o.stun) {
    const auto server = std::get<transport::NamedServer>(transport::parse_stun_server(text));
    const auto found = transport::look_up(server);
    if (const auto* problem = std::get_if<std::string>(&found)) return *problem;
    t.stun.push_back({std::get<Endpoint>(found)});
  }
  for (const std::string& text : o.turn) {
    const auto server = std::get<transport::NamedTurnServer>(transport::parse_turn_server(text));
    const auto found = transport::look_up(server.server);
    if (const auto* problem = std::get_if<std::string>(&found)) return *problem;
    t.turn.push_back({std::get<Endpoint>(found), server.tcp, server.user, server.password});
  }
  return std::nullopt;
}

// Turns the common options into the session's; a sentence if one cannot be used.
std::optional<std::string> apply(const CommonOptions& o, session::SessionOptions& s) {
  const auto listen = transport::parse_endpoint(o.listen);
  if (!listen)
    return "'" + o.listen +
           "' is not an address to listen on; write it as 0.0.0.0:9000 or [::]:9000";
  s.listen = *listen;
  s.web = web_bundle();
  s.engine.max_places = static_cast<size_t>(o.max_children) * kStripes;
  return apply_servers(o, s.transport);
}

// How long goodbyes, the last picture of a window and closing what is open may take in all.
constexpr unsigned kEndSeconds = 15;

// Remembers the exit code of the one on_ended call and hands everything on.
class EndWatcher final : public session::SessionObserver {
 public:
  EndWatcher(session::SessionObserver& next, Loop& loop) : next_(next), loop_(loop) {}
  void on_invite(const std::string& url) override { next_.on_invite(url); }
  void on_stream(const StreamDescription& s) override { next_.on_stream(s); }
  void on_link(const output::LinkChanged& l, transport::PathKind p) override {
    next_.on_link(l, p);
  }
  void on_stats(const session::SessionStats& s) override { next_.on_stats(s); }
  void on_picture(const session::TimedPicture& p) override { next_.on_picture(p); }
  void on_notice(const std::string& s) override { next_.on_notice(s); }
  void on_ended(const session::SessionEnd& end) override {
    platform::wipe_unless_ended_within(kEndSeconds);
    next_.on_ended(end);
    exit_code_ = describe(end).exit_code;
  }
  void on_finished() override { loop_.quit(); }
  int exit_code() const { return exit_code_; }

 private:
  session::SessionObserver& next_;
  Loop& loop_;
  int exit_code_ = kExitOk;
};

int run_session(session::SessionOptions& options, const std::optional<int>& max_seconds,
                session::SessionObserver& reporter) {
  Loop loop;
  EndWatcher watcher(reporter, loop);
  std::unique_ptr<session::Session> running;
  const auto stop = [&] {
    platform::wipe_unless_ended_within(kEndSeconds);
    if (running) running->stop();
  };
  loop.watch_signals({SIGINT, SIGTERM, SIGHUP}, [&](int) { stop(); });
  running = std::make_unique<session::Session>(loop, options, watcher);
  platform::sodium_crypto().wipe(options.engine.secret);  // which the session keeps
  if (const auto failure = running->start()) {
    reporter.on_ended(*failure);
    return describe(*failure).exit_code;
  }
  std::optional<TimeLimit> limit;
  if (max_seconds) {
    // Even if the loop hangs.
    platform::wipe_unless_ended_within(static_cast<unsigned>(*max_seconds) + kEndSeconds);
    limit.emplace(loop, Duration::seconds(*max_seconds), [&] {
      watcher.on_notice("The time limit has been reached.");
      stop();
    });
  }
  loop.run();
  return watcher.exit_code();
}

std::unique_ptr<session::SessionObserver> make_reporter(bool json, std::FILE* out, bool source) {
  if (json) return std::make_unique<JsonReporter>(out, Loop::now());
  return std::make_unique<TextReporter>(out, source);
}

int run_broadcast(const BroadcastOptions& o) {
  session::SessionOptions s;
  s.engine.role = Role::kSource;
  if (const auto problem = apply(o.common, s)) return refuse(*problem);
  if (o.common.playout_ms) s.engine.stream.playout = Duration::millis(*o.common.playout_ms);
  s.advertised_host = o.host;
  s.all_interfaces = o.all_interfaces;
  s.input = session::MediaInput{.spec = o.input,
                                .width = o.width,
                                .height = o.height,
                                .fps = o.fps,
                                .bitrate_kbps = o.bitrate_kbps,
                                .codec = o.codec,
                                .sound = o.sound,
                                .return_seconds = o.return_seconds};
  protect_memory(o.common.json ? stdout : nullptr);
  const auto reporter = make_reporter(o.common.json, stdout, true);
  return run_session(s, o.common.max_seconds, *reporter);
}

bool has_screen() {
  const auto set = [](const char* name) {
    const char* const value = std::getenv(name);
    return value && *value;
  };
  return set("DISPLAY") || set("WAYLAND_DISPLAY") || set("SDL_VIDEODRIVER");
}

session::Sink sink_of(const WatchOptions& o) {
  if (o.relay_only) return session::Sink::kNone;
  if (o.out == "none") return session::Sink::kTimed;
  if (o.out == "-") return session::Sink::kStdout;
  const bool window = o.out == "window" || (o.out.empty() && has_screen());
  return window ? session::Sink::kWindow : session::Sink::kNull;
}

int run_watch(WatchOptions& o) {
  if (o.invite == "-" && !std::getline(std::cin, o.invite))
    return refuse("no invite came in on stdin; paste one and press Enter");
  auto parsed = rendezvous::parse_invite(o.invite);
  platform::wipe(o.invite);
  if (const auto* error = std::get_if<rendezvous::InviteError>(&parsed))
    return refuse(std::string(rendezvous::sentence(*error)));
  auto& invite = std::get<rendezvous::Invite>(parsed);

  session::SessionOptions s;
  s.engine.role = o.relay_only ? Role::kRelay : Role::kViewer;
  if (const auto problem = apply(o.common, s)) return refuse(*problem);
  if (o.common.playout_ms) s.engine.playout = Duration::millis(*o.common.playout_ms);
  s.engine.secret = invite.secret;
  platform::sodium_crypto().wipe(invite.secret);
  s.engine.source_key_hash = invite.source_key_hash;
  s.engine.entry = Contact{.endpoint = invite.meeting ? rendezvous::kNobody : invite.entry,
                           .fingerprint = invite.fingerprint};
  s.meeting = invite.meeting;
  s.engine.parent_only = o.parent_only;
  s.engine.listening = o.listening;
  s.origin = invite.origin;

  s.sink = sink_of(o);
  const bool to_stdout = s.sink == session::Sink::kStdout;
  std::FILE* const out = to_stdout ? stderr : stdout;
  protect_memory(o.common.json ? out : nullptr);
  const auto reporter = make_reporter(o.common.json, out, false);
  if (!o.relay_only && o.out.empty() && s.sink == session::Sink::kNull)
    reporter->on_notice(
        "There is no screen here, so the picture is not shown. To see it, run this on a desktop, "
        "or "
        "pipe --out - into a player.");
  return run_session(s, o.common.max_seconds, *reporter);
}

// A standard stream that is closed would be the next descriptor opened here: the picture would be
// read from a timer, or written to a socket. Its place is taken by what can be read to its end
// only.
void fill_closed_streams() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0) static_cast<void>(open("/dev/null", O_RDONLY));
}

// The arguments, which are then in no process list any more.
std::vector<std::string> take_arguments(std::span<char*> argv) {
  std::vector<std::string> words(argv.begin() + (argv.empty() ? 0 : 1), argv.end());
  platform::wipe_arguments(argv);
  return words;
}

// A simulation and the doctor hold nothing of anybody's. Of all others nobody may see the memory,
// from before there is a word in it: so this asks before the words are parsed.
bool holds_secrets(std::span<char*> argv) {
  if (argv.size() < 2) return false;
  const std::string_view command = argv[1];
  return command != "simulate" && command != "doctor";
}

int run(std::span<char*> argv) {
  std::signal(SIGPIPE, SIG_IGN);
  fill_closed_streams();
  if (holds_secrets(argv)) {
    if (!platform::forbid_inspection())
      return refuse("cannot keep this process out of core dumps", kExitInternal);
    platform::wipe_at_every_end();
  }
  auto parsed = parse_command_line(take_arguments(argv));
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) return early->code;
  auto& command = std::get<ParsedCommand>(parsed).command;
  if (const auto* doctor = std::get_if<DoctorOptions>(&command)) return run_doctor(*doctor);
  if (const auto* simulate = std::get_if<SimulateOptions>(&command)) return run_simulate(*simulate);
  if (const auto* broadcast = std::get_if<BroadcastOptions>(&command))
    return run_broadcast(*broadcast);
  return run_watch(std::get<WatchOptions>(command));
}

}  // namespace
}  // namespace swarmcast::cli

int main(int argc, char** argv) {
  try {
    return swarmcast::cli::run({argv, static_cast<size_t>(argc)});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "swarmcast: internal error: %s\n", e.what());
    return swarmcast::cli::kExitInternal;
  }
}
