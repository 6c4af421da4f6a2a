// Meeting places at a gateway, for hosts that cannot listen (spec/signalling.md, "Meeting place"):
// who waits under a topic, and who has been brought together. Nobody else's business is kept, and
// what is said is passed on unread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace swarmcast::rendezvous {

using MeetingTopic = Bytes<16>;

struct MeetingLimits {
  size_t paths = 32;   // in all, waiting or together
  size_t waiting = 4;  // hosts of a topic; and as many guests
  Duration together = Duration::seconds(30);
};

enum class MeetingSide : uint8_t { kHost, kGuest };

struct MeetingPlace {
  MeetingSide side;
  MeetingTopic topic;
  bool operator==(const MeetingPlace&) const = default;
};

// Of "/host/TOKEN" or "/meet/TOPIC", in lower-case hexadecimals; nullopt for anything else.
std::optional<MeetingPlace> parse_meeting_path(std::string_view path);

// Where a guest goes.
std::string guest_path(const MeetingTopic& topic);

class Meetings {
 public:
  explicit Meetings(const MeetingLimits& limits) : limits_(limits) {}

  // False if there is no room. Else whoever waits on the other side longest is brought together
  // with it.
  bool enter(SignalPathId path, const MeetingPlace& place);
  // Who gets what this one says; nullopt as long as it waits.
  std::optional<SignalPathId> partner(SignalPathId path) const;
  // Gives the partner, which is alone and has no place any more.
  std::optional<SignalPathId> leave(SignalPathId path);

 private:
  struct Present {
    MeetingPlace place;
    std::optional<SignalPathId> partner;
  };
  const MeetingLimits limits_;
  std::map<SignalPathId, Present> present_;  // in the order they came
};

}  // namespace swarmcast::rendezvous
