#include "engine/link/node_rate.h"

#include <algorithm>
#include <utility>

namespace swarmcast::link {
namespace {

// A link that reported within this time takes part.
constexpr Duration kActive = Duration::millis(200);
// The node's controller is fed at a link's pace, however many links report.
constexpr Duration kNodeSignalInterval = Duration::millis(25);

}  // namespace

bool NodeRate::add_link(LinkId id) {
  for (LinkState& link : links_) {
    if (link.used) continue;
    link = LinkState{.used = true, .id = id};
    return true;
  }
  if (links_.size() == kMaxLinks) return false;
  links_.push_back({.used = true, .id = id});
  return true;
}

void NodeRate::remove_link(LinkId id) {
  for (LinkState& link : links_)
    if (link.used && link.id == id) link.used = false;
}

void NodeRate::on_report(LinkId id, const SendReport& report, double loss, Duration rtt,
                         Instant now) {
  const LinkState* of_report = nullptr;
  size_t active = 0;
  for (LinkState& link : links_) {
    if (!link.used) continue;
    if (link.id == id) {
      link.last = {.sent_at = report.sent_at,
                   .queue_delay = report.queue_delay,
                   .delivered = report.delivered,
                   .delivered_recently = report.delivered_recently,
                   .loss = loss,
                   .rtt = rtt,
                   .expected = report.expected,
                   .lost = report.lost};
      link.last_at = now;
      link.expected += report.expected;
      link.lost += report.lost;
      link.control.on_signal(beyond_the_uplink(link, now), now);
      of_report = &link;
    }
    active += is_active(link, now);
  }
  if (of_report != nullptr && active == 1) {
    node_ = of_report->control;
    take_shared_signal(now);
    return;
  }
  if (now - node_signal_at_ < kNodeSignalInterval) return;
  node_signal_at_ = now;
  node_.on_signal(take_shared_signal(now), now);
}

DataRate NodeRate::link_rate(LinkId id) const {
  for (const LinkState& link : links_)
    if (link.used && link.id == id) return link.control.rate();
  return kInitialRate;
}

DataRate NodeRate::sustained_link_rate(LinkId id) const {
  for (const LinkState& link : links_)
    if (link.used && link.id == id) return link.control.sustained_rate();
  return kInitialRate;
}

// The queue that all other links see, too, is the uplink's.
RateSignal NodeRate::beyond_the_uplink(const LinkState& of, Instant now) const {
  RateSignal out = of.last;
  Duration shared = Duration::infinite();
  for (const LinkState& link : links_)
    if (&link != &of && is_active(link, now)) shared = std::min(shared, link.last.queue_delay);
  if (shared != Duration::infinite())
    out.queue_delay = std::max(out.queue_delay - shared, Duration());
  return out;
}

bool NodeRate::is_active(const LinkState& link, Instant now) {
  return link.used && now - link.last_at <= kActive;
}

// The least progress, queue and loss of all active links, and all of their delivery.
RateSignal NodeRate::take_shared_signal(Instant now) {
  RateSignal out;
  bool any = false;
  for (LinkState& link : links_) {
    out.expected += std::exchange(link.expected, 0);
    out.lost += std::exchange(link.lost, 0);
    if (!is_active(link, now)) continue;
    const RateSignal& signal = link.last;
    out.sent_at = any ? std::min(out.sent_at, signal.sent_at) : signal.sent_at;
    out.queue_delay = any ? std::min(out.queue_delay, signal.queue_delay) : signal.queue_delay;
    out.loss = any ? std::min(out.loss, signal.loss) : signal.loss;
    out.rtt = any ? std::max(out.rtt, signal.rtt) : signal.rtt;
    out.delivered = DataRate::bps(out.delivered.bps() + signal.delivered.bps());
    out.delivered_recently =
        DataRate::bps(out.delivered_recently.bps() + signal.delivered_recently.bps());
    any = true;
  }
  return out;
}

}  // namespace swarmcast::link
