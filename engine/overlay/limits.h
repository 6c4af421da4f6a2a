// The overlay's own limits and times.
#pragma once

#include "engine/base/limits.h"

namespace swarmcast::overlay {

// Children beyond its places that lost their parent and have nowhere else yet.
inline constexpr size_t kGuestPlaces = 2;
// Up to so many viewers a peer feeds children in any stripe, beyond only in one.
inline constexpr uint32_t kSmallSwarm = 24;
// Peers that keep us as their warm backup.
inline constexpr size_t kMaxStandbys = 8;
// Of the contacts told to a child, at most so many are not its siblings: those are what its own
// children will need.
inline constexpr size_t kMaxOutsideContacts = 4;
// Contacts waiting to be tried as parents.
inline constexpr size_t kMaxCandidates = 12;
// Contacts remembered from all that neighbours ever told us: the passive view.
inline constexpr size_t kMaxKnown = 16;
// Candidates asked before a search begins again from the entry.
inline constexpr size_t kMaxTakenInRound = 32;
// Questions to possible parents under way at once.
inline constexpr size_t kMaxAttempts = 8;
// After a loss, contacts that our parent named are asked before the entry: so many.
inline constexpr size_t kNamedBeforeEntry = 2;
// Peers that are not asked again, and for how long (spec/overlay.md, "A parent fails").
inline constexpr size_t kMaxShunned = 32;
inline constexpr Duration kWithheldTime = Duration::seconds(30);
inline constexpr Duration kForgedTime = Duration::seconds(600);
// Neighbours refused or abandoned are kept this long, so that what was said arrives.
inline constexpr Duration kLingerTime = Duration::millis(500);
// The same for those who dialled us and then want nothing.
inline constexpr Duration kInboundIdleTime = Duration::seconds(10);

// A candidate that has not answered by then gets company: the next one is tried beside it
// (RFC 8305 in spirit).
inline constexpr Duration kAttemptStagger = Duration::millis(250);
// One dial, handshake and SUBSCRIBE.
inline constexpr Duration kAttemptTimeout = Duration::millis(2'500);
// All candidates tried in vain: a pause, doubled each time. A newcomer does not wait as long.
inline constexpr Duration kRetryDelay = Duration::millis(500);
inline constexpr Duration kMaxRetryDelay = Duration::seconds(5);
inline constexpr Duration kMaxJoinRetryDelay = Duration::seconds(2);
inline constexpr int kEntryTries = 3;
inline constexpr Duration kSwarmFullTimeout = Duration::seconds(15);
// A viewer's identity and invite live this long without a way to the stream (spec: silence).
inline constexpr Duration kLostTimeout = Duration::seconds(120);

inline constexpr Duration kReportInterval = Duration::seconds(1);
inline constexpr Duration kReportMinGap = Duration::millis(100);
// News of nothing but the number of witnesses goes down the tree no faster than this.
inline constexpr Duration kWitnessMinGap = Duration::millis(250);
// Looking for a (better) backup: the pause, doubled each time in vain.
inline constexpr Duration kBackupDelay = Duration::millis(100);
inline constexpr Duration kMaxBackupDelay = Duration::seconds(8);
// A guest, or a child that does not get all layers, looks for a better place after this, and then
// again.
inline constexpr Duration kMoveDelay = Duration::seconds(2);
// A parent that has itself no way to the source: after this our backup is asked, ...
inline constexpr Duration kStarvedTimeout = Duration::millis(250);
// ... and after this anybody.
inline constexpr Duration kOrphanTimeout = Duration::seconds(2);

// Signalling (spec/signalling.md). A dial that has brought nothing for so long gets a knock beside
// it, where the candidate can be knocked.
inline constexpr Duration kDialHeadStart = Duration::millis(400);
// From a knock to the proven link: some twelve round trips, half of them over a relay.
inline constexpr Duration kKnockTimeout = Duration::seconds(8);
// Signals and greetings that are not answered are repeated, so often in all.
inline constexpr Duration kSignalRepeat = Duration::millis(500);
inline constexpr int kSignalTries = 3;
inline constexpr Duration kMaxSignalAge = Duration::seconds(10);
inline constexpr size_t kSignalMemory = 256;
// From one neighbour or path, and passed on in all; a second, and at once.
inline constexpr int kSignalRate = 20;
inline constexpr int kSignalBurst = 40;
inline constexpr int kForwardRate = 60;
inline constexpr int kForwardBurst = 120;
// More control than this waiting for a neighbour: it gets no signals. Bytes.
inline constexpr size_t kMaxSignalBacklog = 4 * 1'024;
// Steps towards peers that are no neighbours, and ways back to those that have called.
inline constexpr size_t kMaxRoutes = 256;
inline constexpr Duration kReversePathAge = Duration::seconds(10);
// A neighbour that names a peer keeps its place as the step towards it so long.
inline constexpr Duration kRouteHold = Duration::seconds(3);
// Callers: waiting for their link, accepted a second, and linked, from one network.
inline constexpr size_t kMaxPendingCallers = 16;
inline constexpr size_t kMaxPendingPerInviter = 8;
inline constexpr int kAcceptRate = 8;
inline constexpr int kAcceptRatePerInviter = 4;
inline constexpr size_t kMaxCallersPerNetwork = 8;
inline constexpr size_t kMaxSignalPaths = 64;
// A neighbour that may be a step towards a candidate is kept this long while we look for a parent.
inline constexpr Duration kStepTime = Duration::seconds(9);

static_assert(kKnockTimeout < kStepTime && kStepTime <= kInboundIdleTime);
static_assert(kSignalRepeat * kSignalTries < kKnockTimeout);
static_assert(kSignalMemory > kMaxSignalAge.ms() / 1'000 * kSignalRate);
static_assert(kMaxPendingPerInviter < kMaxPendingCallers);
static_assert(kMaxStandbys + kGuestPlaces < kMaxLinks / 2);
static_assert(kMaxCandidates <= kMaxKnown);
static_assert(kAttemptStagger < kAttemptTimeout);
static_assert(kAttemptTimeout < kHelloTimeout);
static_assert(kStarvedTimeout < kOrphanTimeout);

}  // namespace swarmcast::overlay
