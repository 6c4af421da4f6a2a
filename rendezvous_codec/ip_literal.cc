#include "rendezvous_codec/ip_literal.h"

#include <algorithm>

namespace swarmcast::rendezvous {
namespace {

using Ip = std::array<uint8_t, 16>;

constexpr std::array<uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::string_view kDigits = "0123456789abcdef";

// `text` is 1..max_digits digits of `base` (10 or 16), in either case.
std::optional<uint32_t> parse_number(std::string_view text, uint32_t base, size_t max_digits) {
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  uint32_t value = 0;
  for (char c : text) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const size_t digit = kDigits.find(lower);
    if (digit >= base) return std::nullopt;
    value = value * base + static_cast<uint32_t>(digit);
  }
  return value;
}

std::optional<std::array<uint8_t, 4>> parse_ipv4(std::string_view text) {
  std::array<uint8_t, 4> out{};
  for (size_t i = 0; i < out.size(); ++i) {
    const std::string_view part = text.substr(0, text.find('.'));
    const auto value = parse_number(part, 10, 3);
    // No leading zeros: some read them as octal.
    if (!value || *value > 255 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    out[i] = static_cast<uint8_t>(*value);
    const bool last = part.size() == text.size();
    if (last != (i == out.size() - 1)) return std::nullopt;
    if (!last) text.remove_prefix(part.size() + 1);
  }
  return out;
}

// Makes room for the zeroes that "::" after the first `gap` of `used` bytes stands for.
bool expand_gap(Ip& ip, size_t gap, size_t used) {
  if (used >= ip.size()) return false;
  std::copy_backward(ip.begin() + gap, ip.begin() + used, ip.end());
  std::fill(ip.begin() + gap, ip.end() - (used - gap), 0);
  return true;
}

std::optional<Ip> parse_ipv6(std::string_view text) {
  Ip ip{};
  size_t used = 0;
  std::optional<size_t> gap;
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    const bool last = part.size() == text.size();
    if (const auto v4 = last && used <= 12 ? parse_ipv4(part) : std::nullopt) {
      std::ranges::copy(*v4, ip.begin() + used);
      used += 4;
      break;
    }
    const auto group = parse_number(part, 16, 4);
    if (!group || used == ip.size()) return std::nullopt;
    ip[used++] = static_cast<uint8_t>(*group >> 8);
    ip[used++] = static_cast<uint8_t>(*group);
    if (last) break;
    text.remove_prefix(part.size() + 1);
    if (text.empty()) return std::nullopt;  // ends with a single colon
    if (text[0] != ':') continue;
    if (gap) return std::nullopt;
    gap = used;
    text.remove_prefix(1);
  }
  if (gap ? !expand_gap(ip, *gap, used) : used != ip.size()) return std::nullopt;
  return ip;
}

uint32_t group_of(const Ip& ip, size_t i) { return uint32_t{ip[2 * i]} << 8 | ip[2 * i + 1]; }

std::string hex(uint32_t value) {
  std::string out;
  for (int shift = 12; shift >= 0; shift -= 4)
    if (!out.empty() || value >> shift || shift == 0) out += kDigits[value >> shift & 15];
  return out;
}

// The longest run of at least two zero groups, the first of equals (RFC 5952 §4.2).
std::pair<size_t, size_t> longest_zero_run(const Ip& ip) {
  std::pair<size_t, size_t> best{8, 8};
  for (size_t begin = 0; begin < 8; ++begin) {
    size_t end = begin;
    while (end < 8 && group_of(ip, end) == 0) ++end;
    if (end - begin >= 2 && end - begin > best.second - best.first) best = {begin, end};
  }
  return best;
}

std::string format_ipv6(const Ip& ip) {
  const auto [gap_begin, gap_end] = longest_zero_run(ip);
  std::string out;
  for (size_t i = 0; i < 8; ++i) {
    if (i == gap_begin) {
      out += "::";
      i = gap_end - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += hex(group_of(ip, i));
  }
  return out;
}

}  // namespace

bool is_ipv4(const Ip& ip) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin());
}

bool is_dialable(const Ip& ip) {
  if (!is_ipv4(ip)) return ip != Ip{} && ip[0] != 0xff;
  // 0.0.0.0/8 is "this network"; 224.0.0.0/3 is multicast, reserved and broadcast.
  return ip[12] != 0 && ip[12] < 224;
}

std::optional<Ip> parse_ip(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_ipv6(text);
  const auto v4 = parse_ipv4(text);
  if (!v4) return std::nullopt;
  Ip ip{};
  std::ranges::copy(kMappedPrefix, ip.begin());
  std::ranges::copy(*v4, ip.begin() + kMappedPrefix.size());
  return ip;
}

std::string format_ip(const Ip& ip) {
  if (!is_ipv4(ip)) return format_ipv6(ip);
  return std::to_string(ip[12]) + '.' + std::to_string(ip[13]) + '.' + std::to_string(ip[14]) +
         '.' + std::to_string(ip[15]);
}

std::optional<uint16_t> parse_port(std::string_view text) {
  const auto value = parse_number(text, 10, 5);
  if (!value || *value > 65'535) return std::nullopt;
  return static_cast<uint16_t>(*value);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool is_v6_text = host.find(':') != std::string_view::npos;
  const auto ip = parse_ip(host);
  const auto port = parse_port(text.substr(colon + 1));
  if (!ip || !port || bracketed != is_v6_text) return std::nullopt;
  return Endpoint{.ip = *ip, .port = *port};
}

std::string format_endpoint(const Endpoint& endpoint) {
  const std::string ip = format_ip(endpoint.ip);
  const std::string host = is_ipv4(endpoint.ip) ? ip : '[' + ip + ']';
  return host + ':' + std::to_string(endpoint.port);
}

}  // namespace swarmcast::rendezvous
