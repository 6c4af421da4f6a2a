#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/exit_codes.h"
#include "host/media/media.h"
#include "host/transport/endpoint_text.h"
#include "host/transport/server_text.h"

namespace swarmcast::cli {
namespace {

constexpr const char* kAbout =
    "swarmcast: live video that lives only as long as somebody watches.\n\n"
    "  swarmcast broadcast              go live; prints an invite to share\n"
    "  swarmcast watch INVITE           watch, and pass the stream on to others\n"
    "  swarmcast relay INVITE           pass the stream on without watching\n"
    "  swarmcast doctor                 see what this machine can do, and what to mend\n"
    "  swarmcast simulate               see how a swarm of hundreds would fare\n\n"
    "Nothing is ever written to disk. Direct neighbours in the swarm see your IP address.";

constexpr const char* kBroadcastFooter =
    "Examples:\n"
    "  swarmcast broadcast                                  the camera, or a test picture\n"
    "  swarmcast broadcast --input talk.mp4\n"
    "  ffmpeg -i talk.mp4 -f nut - | swarmcast broadcast --input -\n"
    "From OBS or another program that pushes: start this first, then let OBS stream (Settings,\n"
    "Stream, Custom) to the same address:\n"
    "  --input 'srt://0.0.0.0:9000?mode=listener'           OBS: srt://THIS-MACHINE:9000\n"
    "  --input 'rtmp://127.0.0.1:1935/live/key?listen'      OBS: rtmp://127.0.0.1/live, key: key\n"
    "'?listen' waits for a sender on srt, rtmp, tcp, http and rtsp; 0.0.0.0 as host always does.\n"
    "Whoever reaches such a port first is what you broadcast: prefer 127.0.0.1, or for SRT a\n"
    "passphrase ('&passphrase=...', the same in OBS).";

constexpr int kLongestSession = 30 * 24 * 3'600;  // seconds

std::optional<VideoCodec> codec_named(const std::string& name) {
  if (name == "h264") return VideoCodec::kH264;
  if (name == "vp9") return VideoCodec::kVp9;
  if (name == "av1") return VideoCodec::kAv1;
  return std::nullopt;
}

std::string check_codec(const std::string& name) {
  return codec_named(name) ? "" : "'" + name + "' is no codec it can send: h264, vp9 or av1";
}

// An empty one is a script's unset variable: that must not open the camera.
std::string check_input(const std::string& input) {
  return input.empty() ? "it is empty; leave the option out for the camera" : "";
}

// "WIDTHxHEIGHT", both even, and as the media module takes them.
std::string check_size(const std::string& text) {
  int w = 0, h = 0;
  char end = 0;
  const bool parsed = std::sscanf(text.c_str(), "%dx%d%c", &w, &h, &end) == 2;
  const auto side = [](int v) {
    return v >= media::kMinSide && v <= media::kMaxSide && v % 2 == 0;
  };
  if (parsed && side(w) && side(h)) return "";
  return "'" + text + "' is not a picture size; write it as 640x360 (even numbers, " +
         std::to_string(media::kMinSide) + " to " + std::to_string(media::kMaxSide) + ")";
}

std::string check_host(const std::string& text) {
  const auto address = transport::parse_address(text);
  if (address && !transport::is_unspecified(*address)) return "";
  return "'" + text + "' is not an IP address that others could dial; write it as 203.0.113.7";
}

std::string check_stun(const std::string& text) {
  const auto server = transport::parse_stun_server(text);
  const auto* problem = std::get_if<std::string>(&server);
  return problem ? *problem : "";
}

std::string check_turn(const std::string& text) {
  const auto server = transport::parse_turn_server(text);
  const auto* problem = std::get_if<std::string>(&server);
  return problem ? *problem : "";
}

void add_common(CLI::App& app, CommonOptions& o, const char* playout_help) {
  app.add_option("--listen", o.listen,
                 "Address and UDP port where others can dial this node; port 0 picks one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  app.add_option("--playout", o.playout_ms, playout_help)
      ->type_name("MS")
      ->check(CLI::Range(20, 3000));
  app.add_option("--max-children", o.max_children,
                 "Full streams of uplink this node gives to others; 0 gives none")
      ->type_name("N")
      ->check(CLI::Range(0, 32))
      ->capture_default_str();
  app.add_option("--stun", o.stun,
                 "STUN server that tells this node its address in front of a NAT; may be repeated")
      ->type_name("HOST:PORT")
      ->check(check_stun)
      ->expected(1)
      ->take_all();
  app.add_option("--turn", o.turn,
                 "TURN server that forwards where no direct way exists; ?transport=tcp reaches it "
                 "over TCP; may be repeated")
      ->type_name("turn:USER:PASSWORD@HOST:PORT")
      ->check(check_turn)
      ->expected(1)
      ->take_all();
  app.add_flag("--relay-only", o.relayed_only,
               "Tell neighbours found through others only the TURN server's address, not this "
               "node's (docs/cli.md says who sees it still)");
  app.add_option("--max-duration", o.max_seconds,
                 "End after that time, whatever happens; time in which this computer sleeps counts")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, kLongestSession));
  app.add_flag("--json", o.json, "One JSON object a line instead of text (docs/cli.md)");
}

void add_broadcast(CLI::App& root, BroadcastOptions& o, std::string& size) {
  CLI::App* app = root.add_subcommand(
      "broadcast", "Go live from a camera, a file, a pipe or the built-in test picture");
  app->add_option(
         "--input", o.input,
         "What to send: 'camera', '/dev/videoN', 'test', a file, a URL that FFmpeg reads "
         "(srt, rtmp, rtsp, http, udp, rtp, tcp), or '-' for stdin. Default: the camera if "
         "there is one, else 'test'")
      ->type_name("SPEC")
      ->check(check_input);
  app->add_option("--wait", o.return_seconds,
                  "How long a live sender that went away is waited for, before the broadcast ends; "
                  "default: 300 if senders come to us, 30 if we call them")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 3600));
  add_common(*app, o.common,
             "Delay from capture to presentation that viewers use unless they choose their own, "
             "20 to 3000; default: each viewer adapts");
  app->add_option("--host", o.host, "IP address to print in the invite, if not the one found")
      ->type_name("ADDR")
      ->check(check_host);
  app->add_option("--size", size,
                  "Picture size, even numbers; default: the input's, at most 640x360")
      ->type_name("WxH")
      ->check(check_size);
  app->add_option("--fps", o.fps, "Pictures a second")
      ->check(CLI::Range(1, 60))
      ->capture_default_str();
  app->add_option("--bitrate", o.bitrate_kbps, "Video bitrate")
      ->type_name("KBPS")
      ->check(CLI::Range(50, 20000))
      ->capture_default_str();
  app->add_option_function<std::string>(
         "--codec", [&o](const std::string& name) { o.codec = *codec_named(name); },
         "Form of the picture: 'h264', which everybody can show; 'vp9' looks a little better for "
         "twice the CPU; 'av1' more so for four times")
      ->type_name("h264|vp9|av1")
      ->check(check_codec)
      ->default_str("h264");
  app->add_flag_callback("--no-sound", [&o] { o.sound = false; }, "Send the picture only");
  app->add_flag_callback(
      "--one-interface", [&o] { o.all_interfaces = false; },
      "Use one network only. Otherwise, where this computer is on two (Wi-Fi and mobile, "
      "say), the stream goes over both, and neighbours learn both addresses");
  app->footer(kBroadcastFooter);
}

void add_invite(CLI::App* app, WatchOptions& o) {
  app->add_option("INVITE", o.invite,
                  "The invite as a URL, or '-' to read it from stdin (then it does not show in the "
                  "list of processes)")
      ->required();
  add_common(*app, o.common,
             "Delay from capture to presentation, 20 to 3000; default: the broadcaster's wish, "
             "else adapted to the network");
  app->add_flag_callback(
      "--no-listen", [&o] { o.listening = false; },
      "Tell nobody an address to dial: others reach this node through their neighbours, "
      "as if it were behind a NAT. It prints no invite");
  app->add_flag("--parent-only", o.parent_only,
                "Stay with the invite's own node: no other parent, no backup");
}

void add_doctor(CLI::App& root, DoctorOptions& o) {
  CLI::App* app = root.add_subcommand(
      "doctor", "See what this machine can do, what could leak from it, and what to mend");
  app->add_option("--listen", o.listen, "The address and port that a node would listen on")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  app->add_option("--stun", o.stun,
                  "Ask this STUN server how the outside sees us; give it twice, with two servers, "
                  "to learn what kind of router is in between. Without it nobody is asked anything")
      ->type_name("HOST:PORT")
      ->check(check_stun)
      ->expected(1, 4)
      ->allow_extra_args(false);
  app->add_flag("--json", o.json, "One JSON object instead of text (docs/cli.md)");
}

// Less would not reach back to the last key picture.
constexpr double kLeastSimulatedRing = 2.2;

void add_simulate(CLI::App& root, SimulateOptions& o) {
  CLI::App* app = root.add_subcommand(
      "simulate",
      "See how a swarm would fare: the same engines on a made-up network, in made-up "
      "time. Nothing is sent to anybody, and one seed gives one result");
  app->add_option("SCENARIO", o.scenario, "One of those below; default: swarm");
  app->add_option("--viewers", o.viewers, "How many watch")->check(CLI::Range(1, 20000));
  app->add_option("--loss", o.loss_percent, "Packets lost on every way")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 90.0));
  app->add_option("--burst", o.burst, "Mean length of a run of losses; 1: they are independent")
      ->type_name("PACKETS")
      ->check(CLI::Range(1.0, 1000.0));
  app->add_option("--nat", o.nat_percent, "Viewers behind a NAT of one of the usual kinds")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  app->add_option("--browsers", o.browsers_percent, "Viewers that watch in a browser")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  app->add_option("--seconds", o.seconds, "Virtual time that is measured, after all have joined")
      ->check(CLI::Range(1, 86400));
  app->add_option("--seed", o.seed, "Another one gives other places, uplinks and losses");
  app->add_option("--seeds", o.seeds, "As many runs, each with the next seed")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  app->add_option("--jobs", o.jobs, "Of these, so many at once")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  app->add_option("--bitrate", o.bitrate_kbps, "Of the picture")
      ->type_name("KBPS")
      ->check(CLI::Range(50, 20000));
  app->add_option("--playout", o.playout_ms,
                  "Delay from capture to presentation; 0: each viewer adapts")
      ->type_name("MS")
      ->check(CLI::Range(0, 3000));
  app->add_option("--uplink", o.uplink,
                  "Uplinks of viewers, against those of ordinary phones (docs/simulate.md)")
      ->type_name("FACTOR")
      ->check(CLI::Range(0.1, 100.0));
  app->add_option("--join", o.join_seconds, "Time within which all of them join, one after another")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600));
  app->add_option("--ring", o.ring_seconds,
                  "How long everybody keeps what was sent; most of the memory that this takes")
      ->type_name("SECONDS")
      ->check(CLI::Range(kLeastSimulatedRing, 10.0));
  app->add_flag("--sound", o.sound, "Sound at 32 kbit/s beside the picture");
  app->add_flag("--adaptive", o.adaptive, "The encoder aims at what the source's engine says");
  app->add_option("--design", o.design,
                  "Another system's way in place of ours, on the same network and under the same "
                  "fate")
      ->type_name("NAME")
      ->check(CLI::IsMember(other_designs()));
  app->add_option("--report", o.report, "Write a page with plots; a file that is there is replaced")
      ->type_name("FILE.html");
  app->add_flag("--real-crypto", o.real_crypto,
                "Encrypt and sign in earnest, at several times the work");
  app->add_option("--attack", o.attack, "What hostile viewers do, one of those below")
      ->type_name("KIND")
      ->check(CLI::IsMember(attack_names()));
  app->add_option("--hostile", o.hostile_percent,
                  "Viewers that are hostile; with --attack 20, else the scenario's own")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 90.0));
  app->add_option("--plant", o.plant, "Plant a bug in all viewers, to see it noticed")
      ->type_name("BUG")
      ->check(CLI::IsMember(planted_bugs()));
  app->add_flag("--json", o.json, "One JSON object a line instead of text (docs/cli.md)");
  app->footer("Scenarios:\n" + scenario_list() + "\nAttacks:\n" + attack_list() + "\nDesigns:\n" +
              design_list());
}

}  // namespace

std::variant<ParsedCommand, EarlyExit> parse_command_line(std::vector<std::string> words) {
  CLI::App app(kAbout, "swarmcast");
  app.require_subcommand(1);
  app.set_version_flag("--version", "swarmcast " SWARMCAST_VERSION);

  BroadcastOptions broadcast;
  WatchOptions watch;
  WatchOptions relay{.relay_only = true};
  std::string size;
  add_broadcast(app, broadcast, size);
  CLI::App* watch_app = app.add_subcommand("watch", "Watch a broadcast and pass it on");
  add_invite(watch_app, watch);
  watch_app
      ->add_option("--out", watch.out,
                   "'window' shows it: q or Esc ends, f is full screen, m is mute; 'null' decodes "
                   "and shows nothing; 'none' does not even decode; '-' writes NUT (raw video and "
                   "sound) to stdout, events to "
                   "stderr: ... --out - | mpv --profile=low-latency -. Default: a window if there "
                   "is a screen, else null")
      ->check(CLI::IsMember({"window", "null", "none", "-"}));
  CLI::App* relay_app = app.add_subcommand("relay", "Pass a broadcast on without showing it");
  add_invite(relay_app, relay);
  DoctorOptions doctor;
  add_doctor(app, doctor);
  SimulateOptions simulate;
  add_simulate(app, simulate);

  try {
    std::ranges::reverse(words);  // as it takes them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return EarlyExit{code == 0 ? kExitOk : kExitUsage};
  }
  if (!size.empty()) std::sscanf(size.c_str(), "%dx%d", &broadcast.width, &broadcast.height);
  if (app.got_subcommand("broadcast")) return ParsedCommand{std::move(broadcast)};
  if (app.got_subcommand("doctor")) return ParsedCommand{doctor};
  if (app.got_subcommand("simulate")) return ParsedCommand{simulate};
  return ParsedCommand{std::move(app.got_subcommand("watch") ? watch : relay)};
}

}  // namespace swarmcast::cli
