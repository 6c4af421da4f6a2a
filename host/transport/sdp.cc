#include "host/transport/sdp.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "host/transport/candidates.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

constexpr size_t kMaxLines = 256;
constexpr uint32_t kDefaultMaxMessageSize = 65'536;  // RFC 8841, 6.1: if there is no attribute
constexpr std::string_view kDataChannel = "webrtc-datachannel";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Cuts off what comes before `separator`; all, if there is none.
std::string_view cut(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

int hex_digit(char c) {
  const char l = lower(c);
  if (l >= '0' && l <= '9') return l - '0';
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// "AB:CD:..." of 32 bytes.
std::optional<Fingerprint> to_fingerprint(std::string_view text) {
  Fingerprint out;
  if (text.size() != out.size() * 3 - 1) return std::nullopt;
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);
    if (high < 0 || low < 0 || (i > 0 && text[3 * i - 1] != ':')) return std::nullopt;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return out;
}

// A "token" of RFC 8866, 9, without the characters that nobody uses in a mid.
bool is_mid(std::string_view text) {
  auto allowed = [](char c) { return is_ice_char(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= kMaxMidSize && text.find('/') == text.npos &&
         std::ranges::all_of(text, allowed);
}

std::optional<CandidateType> to_type(std::string_view word) {
  if (word == "host") return CandidateType::kHost;
  if (word == "srflx") return CandidateType::kServerReflexive;
  if (word == "relay") return CandidateType::kRelayed;
  return std::nullopt;
}

const char* name(CandidateType type) {
  switch (type) {
    case CandidateType::kHost:
    case CandidateType::kHidden:
      return "host";
    case CandidateType::kServerReflexive:
      return "srflx";
    case CandidateType::kRelayed:
      return "relay";
  }
  return "host";
}

// FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE ... (RFC 8839, 5.1)
std::optional<Candidate> to_candidate(std::string_view text) {
  const std::string_view foundation = cut(text, ' ');
  const std::string_view component = cut(text, ' ');
  const std::string_view transport = cut(text, ' ');
  const auto priority = to_number<uint32_t>(cut(text, ' '));
  const auto address = parse_address(cut(text, ' '));
  const auto port = to_number<uint16_t>(cut(text, ' '));
  const std::string_view typ = cut(text, ' ');
  const auto type = to_type(cut(text, ' '));
  if (foundation.empty() || component != "1" || !same_word(transport, "udp") || !priority ||
      !address || !port || *port == 0 || typ != "typ" || !type) {
    return std::nullopt;
  }
  return Candidate{*type, Endpoint{address->ip, *port}, *priority};
}

class Parser {
 public:
  std::variant<SessionDescription, SdpError> parse(std::string_view text);

 private:
  bool take_line(char type, std::string_view value);
  bool take_media(std::string_view value);
  bool take_attribute(std::string_view name, std::string_view value);
  bool take_fingerprint(std::string_view value);
  bool take_setup(std::string_view value);
  bool fail(SdpError error) {
    error_ = error;
    return false;
  }

  SessionDescription out_{.mid = {}, .max_message_size = kDefaultMaxMessageSize};
  std::vector<Candidate> candidates_;
  std::optional<SdpError> error_;
  bool media_ = false;  // its section has begun
  bool fingerprint_ = false;
};

std::variant<SessionDescription, SdpError> Parser::parse(std::string_view text) {
  if (text.size() > kMaxSdpSize) return SdpError::kNotSdp;
  size_t lines = 0;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const bool first = lines++ == 0;
    if (line.size() < 2 || line[1] != '=' || lines > kMaxLines || (first && line != "v=0")) {
      return SdpError::kNotSdp;
    }
    if (!take_line(line[0], line.substr(2))) return *error_;
  }
  if (lines == 0) return SdpError::kNotSdp;
  if (!media_) return SdpError::kNoDataChannel;
  if (!out_.link.complete()) return SdpError::kCredentials;
  if (!fingerprint_) return SdpError::kFingerprint;
  if (out_.mid.empty()) return SdpError::kAttribute;
  add_best(std::move(candidates_), out_.link);
  return out_;
}

bool Parser::take_line(char type, std::string_view value) {
  if (type == 'm') return take_media(value);
  if (type != 'a') return true;
  const std::string_view attribute = cut(value, ':');
  return take_attribute(attribute, value);
}

// m=application PORT UDP/DTLS/SCTP webrtc-datachannel
bool Parser::take_media(std::string_view value) {
  const std::string_view kind = cut(value, ' ');
  const auto port = to_number<uint16_t>(cut(value, ' '));
  const std::string_view protocol = cut(value, ' ');
  if (media_ || kind != "application") return fail(SdpError::kOtherMedia);
  if (!port || *port == 0 || !same_word(protocol, "UDP/DTLS/SCTP") || value != kDataChannel) {
    return fail(SdpError::kNoDataChannel);
  }
  media_ = true;
  return true;
}

bool Parser::take_attribute(std::string_view name, std::string_view value) {
  if (name == "ice-ufrag") {
    return out_.link.ufrag.set(value) || fail(SdpError::kCredentials);
  }
  if (name == "ice-pwd") {
    return out_.link.password.set(value) || fail(SdpError::kCredentials);
  }
  if (name == "ice-lite") {
    out_.ice_lite = true;
  } else if (name == "fingerprint") {
    return take_fingerprint(value);
  } else if (name == "setup") {
    return take_setup(value);
  } else if (name == "mid") {
    if (!is_mid(value)) return fail(SdpError::kAttribute);
    out_.mid = value;
  } else if (name == "sctp-port") {
    const auto port = to_number<uint16_t>(value);
    if (!port || *port == 0) return fail(SdpError::kAttribute);
    out_.sctp_port = *port;
  } else if (name == "max-message-size") {
    const auto size = to_number<uint32_t>(value);
    if (!size) return fail(SdpError::kAttribute);
    out_.max_message_size = *size;
  } else if (name == "candidate") {
    if (const auto candidate = to_candidate(value)) candidates_.push_back(*candidate);
  }
  return true;
}

// Other hashes may stand beside the one we know (RFC 8122, 5).
bool Parser::take_fingerprint(std::string_view value) {
  if (!same_word(cut(value, ' '), "sha-256")) return true;
  const auto fingerprint = to_fingerprint(value);
  if (!fingerprint) return fail(SdpError::kFingerprint);
  out_.link.fingerprint = *fingerprint;
  fingerprint_ = true;
  return true;
}

bool Parser::take_setup(std::string_view value) {
  if (value == "actpass") {
    out_.setup = DtlsSetup::kActpass;
  } else if (value == "active") {
    out_.setup = DtlsSetup::kActive;
  } else if (value == "passive") {
    out_.setup = DtlsSetup::kPassive;
  } else {
    return fail(SdpError::kAttribute);
  }
  return true;
}

std::string fingerprint_text(const Fingerprint& fingerprint) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (uint8_t b : fingerprint) {
    if (!out.empty()) out += ':';
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

const char* setup_text(DtlsSetup setup) {
  switch (setup) {
    case DtlsSetup::kActpass:
      return "actpass";
    case DtlsSetup::kActive:
      return "active";
    case DtlsSetup::kPassive:
      return "passive";
  }
  return "actpass";
}

std::string candidate_text(const Candidate& candidate, size_t number) {
  std::string out = "a=candidate:" + std::to_string(number) + " 1 udp " +
                    std::to_string(candidate.priority) + " " + address_text(candidate.endpoint) +
                    " " + std::to_string(candidate.endpoint.port) + " typ " + name(candidate.type);
  // The grammar wants the base's address as well; browsers hide it in this way.
  if (candidate.type != CandidateType::kHost) {
    out += is_ipv4(candidate.endpoint) ? " raddr 0.0.0.0 rport 0" : " raddr :: rport 0";
  }
  return out + "\r\n";
}

}  // namespace

const char* sentence(SdpError error) {
  switch (error) {
    case SdpError::kNotSdp:
      return "this is not a session description";
    case SdpError::kNoDataChannel:
      return "the session description offers no data channel";
    case SdpError::kOtherMedia:
      return "the session description asks for sound or pictures beside the data channel";
    case SdpError::kCredentials:
      return "the session description lacks usable ICE credentials";
    case SdpError::kFingerprint:
      return "the session description lacks a SHA-256 certificate fingerprint";
    case SdpError::kAttribute:
      return "the session description has an attribute that cannot be read";
  }
  return "the session description cannot be read";
}

std::variant<SessionDescription, SdpError> parse_sdp(std::string_view text) {
  return Parser().parse(text);
}

std::string write_sdp(const SessionDescription& d, uint64_t session) {
  std::string out = "v=0\r\no=- " + std::to_string(session) + " 1 IN IP4 127.0.0.1\r\ns=-\r\n" +
                    "t=0 0\r\na=group:BUNDLE " + d.mid + "\r\n";
  if (d.ice_lite) out += "a=ice-lite\r\n";
  out += "m=application 9 UDP/DTLS/SCTP ";
  out += kDataChannel;
  out += "\r\nc=IN IP4 0.0.0.0\r\na=mid:" + d.mid + "\r\na=ice-ufrag:";
  out += d.link.ufrag.view();
  out += "\r\na=ice-pwd:";
  out += d.link.password.view();
  out += "\r\na=fingerprint:sha-256 " + fingerprint_text(d.link.fingerprint) +
         "\r\na=setup:" + setup_text(d.setup) + "\r\na=sctp-port:" + std::to_string(d.sctp_port) +
         "\r\na=max-message-size:" + std::to_string(d.max_message_size) + "\r\n";
  size_t number = 0;
  for (const Candidate& candidate : d.link.candidates()) {
    if (candidate.type == CandidateType::kHidden) continue;
    out += candidate_text(candidate, ++number);
  }
  return out;
}

}  // namespace swarmcast::transport
