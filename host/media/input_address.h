// What an input's URL says: whether we call somebody or wait to be called, and what may be shown.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace swarmcast::media {

struct InputAddress {
  std::string url;        // for FFmpeg
  std::string scheme;     // lower case
  std::string host;       // without brackets; may be empty
  int port = 0;           // 0 = none given
  bool bad_port = false;  // what is given is none
  // "scheme://host:port": no user, password, path or query, which hold keys.
  std::string shown;
  bool listens = false;  // a sender comes to us
  bool live = false;     // when it ends it may come back
  bool datagrams = false;
  std::vector<std::pair<std::string, std::string>> options;  // of FFmpeg
};

// nullopt if `input` is not a URL. A URL listens if its query says `listen` (any of srt, rtmp, tcp,
// http, rtsp) or `mode=listener` (srt), or if its host is 0.0.0.0 or [::], which nobody can call.
// udp and rtp always listen.
std::optional<InputAddress> parse_input_address(const std::string& input);

// Of an address that listens: what to enter at the sender, for a person.
std::string how_to_push(const InputAddress& address);

// What is wrong with the address as it is written; a sentence, or empty.
std::string check_spelling(const InputAddress& address);

// Whether the address to listen on can be had; a sentence if not. Opens a socket and closes it.
std::string check_listening_address(const InputAddress& address);

}  // namespace swarmcast::media
