// The command line: five commands and what each takes.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/doctor.h"
#include "cli/simulate.h"
#include "engine/base/video_codec.h"

namespace swarmcast::cli {

struct CommonOptions {
  std::string listen = "0.0.0.0:0";
  std::optional<int> playout_ms;
  int max_children = 4;
  std::vector<std::string> stun;  // as parse_stun_server() takes them
  std::vector<std::string> turn;  // as parse_turn_server() takes them
  bool relayed_only = false;
  std::optional<int> max_seconds;  // after which the session ends
  bool json = false;
};

struct BroadcastOptions {
  CommonOptions common;
  std::string input;  // empty: camera if there is one, else the test picture
  std::string host;   // address to print in the invite; empty: found out
  int width = 0;      // 0: the input's own, scaled to at most 640x360
  int height = 0;
  int fps = 20;
  int bitrate_kbps = 800;
  VideoCodec codec = VideoCodec::kH264;
  bool sound = true;
  bool all_interfaces = true;
  std::optional<int> return_seconds;  // that a live sender which has gone is waited for
};

struct WatchOptions {
  CommonOptions common;
  std::string invite;  // URL, or "-" for stdin
  // "window", "null", "none", "-" for NUT on stdout; empty: a window if there is a screen
  std::string out;
  bool relay_only = false;
  bool listening = true;
  bool parent_only = false;
};

struct ParsedCommand {
  std::variant<BroadcastOptions, WatchOptions, DoctorOptions, SimulateOptions> command;
};

// What to do instead of running a command: print help or an error, and exit.
struct EarlyExit {
  int code = 0;
};

// `words` are the arguments without the program's name. Prints help and usage errors itself.
std::variant<ParsedCommand, EarlyExit> parse_command_line(std::vector<std::string> words);

}  // namespace swarmcast::cli
