// The overlay's own limits and times.
#pragma once

#include "engine/base/limits.h"

namespace swarmcast::overlay {

// Children beyond max_children that lost their parent and have nowhere else yet.
inline constexpr size_t kGuestPlaces = 2;
// Peers that keep us as their warm backup.
inline constexpr size_t kMaxStandbys = 8;
// Contacts remembered as possible parents.
inline constexpr size_t kMaxCandidates = 8;
// Neighbours refused or abandoned are kept this long, so that what was said arrives.
inline constexpr Duration kLingerTime = Duration::millis(500);
// The same for those who dialled us and then want nothing.
inline constexpr Duration kInboundIdleTime = Duration::seconds(10);

// One dial, handshake and SUBSCRIBE; then the next candidate is tried beside it.
inline constexpr Duration kAttemptTimeout = Duration::millis(2'500);
inline constexpr Duration kRetryDelay = Duration::millis(500);
inline constexpr int kEntryTries = 4;
inline constexpr Duration kSwarmFullTimeout = Duration::seconds(15);
// A viewer's identity and invite live this long without a way to the stream (spec: silence).
inline constexpr Duration kLostTimeout = Duration::seconds(120);

inline constexpr Duration kReportInterval = Duration::seconds(1);
inline constexpr Duration kReportMinGap = Duration::millis(100);
inline constexpr Duration kStandbyRetry = Duration::seconds(2);
// A parent that has itself no way to the source is given up after this, if there is a better one.
inline constexpr Duration kStarvedTimeout = Duration::millis(250);

static_assert(kMaxStandbys + kGuestPlaces < kMaxLinks / 2);
static_assert(kAttemptTimeout < kHelloTimeout);

}  // namespace swarmcast::overlay
