#include "host/media/input_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

namespace swarmcast::media {
namespace {

struct Scheme {
  std::string_view name;
  bool live;                                     // its end is a loss
  bool datagrams;                                // UDP below
  bool waits;                                    // it can only receive
  std::string_view listen_option, listen_value;  // of FFmpeg; empty: cannot listen
};

constexpr Scheme kSchemes[] = {
    {"srt", true, true, false, "mode", "listener"},
    {"rtmp", true, false, false, "listen", "1"},
    {"rtmps", true, false, false, "", ""},
    {"rtsp", true, false, false, "rtsp_flags", "listen"},
    {"rtsps", true, false, false, "", ""},
    {"tcp", true, false, false, "listen", "1"},
    {"udp", true, true, true, "", ""},
    {"rtp", true, true, true, "", ""},
    {"http", false, false, false, "listen", "1"},
};

const Scheme* find_scheme(std::string_view name) {
  const auto* const found = std::ranges::find(kSchemes, name, &Scheme::name);
  return found == std::end(kSchemes) ? nullptr : found;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// "user:password@[host]:port" into host and port.
void split_authority(std::string_view text, InputAddress& out) {
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = std::min(text.find(']'), text.size());
    out.host = text.substr(1, end - 1);
    if (end + 1 < text.size() && text[end + 1] == ':') port = text.substr(end + 2);
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    out.host = text.substr(0, colon);
    if (colon < text.size()) port = text.substr(colon + 1);
  }
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error == std::errc() && end == port.data() + port.size() && number > 0 && number < 65'536)
    out.port = number;
  else
    out.bad_port = !port.empty();
}

// The value of a word in a query; nullopt without it.
std::optional<std::string_view> query_value(std::string_view url, std::string_view name) {
  size_t at = url.find('?');
  while (at != std::string_view::npos) {
    url.remove_prefix(at + 1);
    at = url.find('&');
    const std::string_view word = url.substr(0, at);
    if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
      return word.substr(name.size() + 1);
  }
  return std::nullopt;
}

// The others have a port of their own.
bool needs_port(const InputAddress& a) {
  return a.datagrams || a.scheme == "tcp" || (a.listens && a.scheme == "http");
}

// Takes our own "listen" out of a query, and tells whether it, or SRT's own word, was there.
bool take_listen(std::string_view query, std::string& rest) {
  bool found = false;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view word = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (word == "listen" || word == "listen=1" || word == "mode=listener") {
      found = true;
      continue;
    }
    rest += (rest.empty() ? "" : "&") + std::string(word);
  }
  return found;
}

// What lies between host and stream key: "live" of rtmp://host/live/key.
std::string rtmp_application(const std::string& url) {
  const size_t start = url.find('/', url.find("://") + 3);
  if (start == std::string::npos) return "live";
  const std::string path = url.substr(start + 1, url.find('?', start) - start - 1);
  const size_t end = path.rfind('/');
  const std::string application = path.substr(0, end);
  return application.empty() ? "live" : application;
}

// SRT's limits.
constexpr size_t kMinPassphrase = 10, kMaxPassphrase = 79;

bool is_any_address(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

std::string shown(const InputAddress& a) {
  std::string host = a.host.find(':') == std::string::npos ? a.host : "[" + a.host + "]";
  if (a.port > 0) host += ":" + std::to_string(a.port);
  return a.scheme + "://" + host;
}

}  // namespace

std::optional<InputAddress> parse_input_address(const std::string& input) {
  const size_t colon = input.find("://");
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  InputAddress out;
  out.scheme = lower(input.substr(0, colon));
  const std::string_view rest = std::string_view(input).substr(colon + 3);
  split_authority(rest.substr(0, rest.find_first_of("/?#")), out);
  out.shown = shown(out);
  out.url = input;
  const Scheme* const scheme = find_scheme(out.scheme);
  if (!scheme) return out;
  out.live = scheme->live;
  out.datagrams = scheme->datagrams;
  out.listens = scheme->waits;
  if (scheme->listen_option.empty()) return out;
  std::string query;
  const size_t mark = input.find('?');
  const bool asked = mark != std::string::npos && take_listen(input.substr(mark + 1), query);
  if (!asked && !is_any_address(out.host)) return out;
  out.url = input.substr(0, mark) + (query.empty() ? "" : "?" + query);
  out.options.emplace_back(scheme->listen_option, scheme->listen_value);
  out.listens = out.live = true;
  return out;
}

std::string how_to_push(const InputAddress& address) {
  const bool any = is_any_address(address.host) || address.host.empty();
  std::string host = address.host == "::" ? "::1" : any ? "127.0.0.1" : address.host;
  const std::string here = host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  std::string target = address.scheme + "://" + host;
  if (address.port > 0) target += ":" + std::to_string(address.port);
  std::string out;
  if (address.scheme == "rtmp" || address.scheme == "srt") {
    const bool rtmp = address.scheme == "rtmp";
    out = "In OBS: Settings, Stream, Service \"Custom...\", Server " + target +
          (rtmp ? "/" + rtmp_application(address.url) + ", any Stream Key."
                : " (and your passphrase, if you gave one), no Stream Key.");
  } else {
    const std::string form = address.scheme == "rtsp"  ? "rtsp"
                             : address.scheme == "rtp" ? "rtp_mpegts"
                                                       : "mpegts";
    out = "For example: ffmpeg -re -i clip.mp4 -f " + form + " " + target;
  }
  if (any) out += " From another computer: this one's address instead of " + here + ".";
  return out;
}

std::string check_spelling(const InputAddress& address) {
  const std::string host = address.host.empty() ? "HOST" : address.host;
  const std::string example = " Write it as " + address.scheme + "://" +
                              (host.find(':') == std::string::npos ? host : "[" + host + "]") +
                              ":9000";
  const bool known = find_scheme(address.scheme) || address.scheme == "https";
  if (address.bad_port) return "The port in " + address.shown + " is no number from 1 to 65535.";
  if (known && !address.listens && address.host.empty())
    return address.shown + " names no machine." + example;
  if (known && needs_port(address) && address.port == 0)
    return address.shown + " names no port." + example;
  const auto secret =
      address.scheme == "srt" ? query_value(address.url, "passphrase") : std::nullopt;
  if (secret && (secret->size() < kMinPassphrase || secret->size() > kMaxPassphrase))
    return "The passphrase of " + address.shown + " must have 10 to 79 characters.";
  return {};
}

std::string check_listening_address(const InputAddress& address) {
  const std::string start = "Nothing can be received at " + address.shown + ": ";
  if (address.port == 0) return {};  // the scheme's own
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = address.datagrams ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* raw = nullptr;
  const char* const host = address.host.empty() ? nullptr : address.host.c_str();
  // Names are left to FFmpeg: "localhost" is one.
  if (getaddrinfo(host, std::to_string(address.port).c_str(), &hints, &raw) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(raw, &freeaddrinfo);
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(raw->ai_addr);
  if (raw->ai_family == AF_INET && IN_MULTICAST(ntohl(v4->sin_addr.s_addr))) return {};
  const int fd = socket(raw->ai_family, raw->ai_socktype | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int error = bind(fd, raw->ai_addr, raw->ai_addrlen) == 0 ? 0 : errno;
  close(fd);
  if (error == 0) return {};
  if (error == EADDRINUSE) return start + "the port is in use. Choose another one.";
  if (error == EADDRNOTAVAIL)
    return start + "this machine does not have that address. Use 0.0.0.0 for all it has.";
  if (error == EACCES) return start + "ports below 1024 need root. Choose a higher one.";
  return start + std::strerror(error) + ".";
}

}  // namespace swarmcast::media
