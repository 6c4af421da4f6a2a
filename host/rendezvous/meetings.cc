#include "host/rendezvous/meetings.h"

#include <algorithm>
#include <array>

#include "host/platform/sodium_crypto.h"

namespace swarmcast::rendezvous {
namespace {

constexpr std::string_view kHostPath = "/host/";
constexpr std::string_view kGuestPath = "/meet/";
constexpr std::string_view kTopicLabel = "swarmcast meeting v1";

std::optional<uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

template <size_t Size>
std::optional<Bytes<Size>> from_hex(std::string_view text) {
  Bytes<Size> out{};
  if (text.size() != 2 * Size) return std::nullopt;
  for (size_t i = 0; i < Size; ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    out[i] = static_cast<uint8_t>(*high << 4 | *low);
  }
  return out;
}

// Only who knows the token can wait as the host: the invite tells the topic alone.
MeetingTopic topic_of(const Bytes<32>& token) {
  MeetingTopic topic;
  const std::array<ByteSpan, 2> parts{
      ByteSpan(reinterpret_cast<const uint8_t*>(kTopicLabel.data()), kTopicLabel.size()), token};
  platform::sodium_crypto().hash(topic, {}, parts);
  return topic;
}

}  // namespace

std::optional<MeetingPlace> parse_meeting_path(std::string_view path) {
  if (path.starts_with(kHostPath)) {
    const auto token = from_hex<32>(path.substr(kHostPath.size()));
    if (!token) return std::nullopt;
    return MeetingPlace{MeetingSide::kHost, topic_of(*token)};
  }
  if (!path.starts_with(kGuestPath)) return std::nullopt;
  const auto topic = from_hex<16>(path.substr(kGuestPath.size()));
  if (!topic) return std::nullopt;
  return MeetingPlace{MeetingSide::kGuest, *topic};
}

std::string guest_path(const MeetingTopic& topic) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(kGuestPath);
  for (const uint8_t byte : topic) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

bool Meetings::enter(SignalPathId path, const MeetingPlace& place) {
  const auto waiting_beside = std::ranges::count_if(present_, [&](const auto& entry) {
    return !entry.second.partner && entry.second.place == place;
  });
  if (present_.size() >= limits_.paths || static_cast<size_t>(waiting_beside) >= limits_.waiting)
    return false;
  const auto other = std::ranges::find_if(present_, [&](const auto& entry) {
    return !entry.second.partner && entry.second.place.topic == place.topic &&
           entry.second.place.side != place.side;
  });
  Present present{.place = place, .partner = std::nullopt};
  if (other != present_.end()) {
    present.partner = other->first;
    other->second.partner = path;
  }
  present_.emplace(path, present);
  return true;
}

std::optional<SignalPathId> Meetings::partner(SignalPathId path) const {
  const auto found = present_.find(path);
  return found == present_.end() ? std::nullopt : found->second.partner;
}

std::optional<SignalPathId> Meetings::leave(SignalPathId path) {
  const auto partner = this->partner(path);
  present_.erase(path);
  if (partner) present_.erase(*partner);
  return partner;
}

}  // namespace swarmcast::rendezvous
