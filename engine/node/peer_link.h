// Everything a node keeps about one link.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "engine/api/output.h"
#include "engine/base/contact.h"
#include "engine/base/stripes.h"
#include "engine/link/feedback_collector.h"
#include "engine/link/liveness.h"
#include "engine/link/reliable_channel.h"
#include "engine/link/rtt_estimator.h"
#include "engine/link/send_monitor.h"
#include "engine/node/handshake.h"
#include "engine/node/second_path.h"
#include "engine/repair/fragment_hold.h"
#include "engine/repair/gap_tracker.h"
#include "engine/repair/repair_budget.h"
#include "engine/repair/sent_log.h"
#include "engine/wire/body/shedding.h"

namespace swarmcast::node {

struct PeerLink {
  PeerLink(LinkId link, Instant now) : id(link), liveness(now), tick(now) {}

  LinkId id;
  bool ours = false;       // we dialled or called
  bool signalled = false;  // neither dialled the other
  Endpoint remote;
  std::optional<Fingerprint> dialled_fingerprint;
  std::optional<PeerId> expected;  // who must be at the other end
  PeerId peer;                     // known once proven
  LinkDirection direction = LinkDirection::kOther;

  std::optional<Handshake> handshake;
  bool proven = false;
  bool closing = false;  // nothing more is read; closed when the current input is done
  Instant arrived;       // the message in progress, at this machine
  int forgeries = 0;

  link::ReliableChannel control;
  link::RttEstimator rtt;
  Instant ping_at = Instant::never();
  int pings = 0;

  // As a child of the other end.
  repair::GapTracker gaps;
  repair::FragmentHold hold;
  link::FeedbackCollector feedback;
  link::LivenessDetector liveness;
  bool silent = false;
  std::array<wire::body::Shedding, kMaxStripes> shed{};  // by our parent, as told

  // As its parent.
  bool fed = false;  // it gets some stripes from us, or is another way to one that does
  StripeSet feeds;   // which
  std::array<wire::body::Shedding, kMaxStripes> told{};  // what we shed, as the child knows
  bool stalled = false;               // nothing is heard from it, so no media is sent
  LinkSequence base_from, rest_from;  // sent before: not repaired, for an outage was about then
  repair::SentLog sent;
  repair::RepairBudget repairs;
  link::SendMonitor monitor;
  link::TickSchedule tick;
  Instant early_tick = Instant::never();  // shows a lossy link the end of what was sent

  SecondPath path;

  bool is_second() const { return path.first.has_value(); }
  bool is_child() const { return fed && !is_second(); }
  // The highest of all stripes.
  int shed_level() const { return std::ranges::max(shed, {}, &wire::body::Shedding::level).level; }
  int told_level() const { return std::ranges::max(told, {}, &wire::body::Shedding::level).level; }
  // The link by which the overlay knows this neighbour.
  LinkId neighbour() const { return path.first.value_or(id); }

  bool dirty = true;  // wants to be served before the output is drained
  Instant due = Instant::never();
};

}  // namespace swarmcast::node
