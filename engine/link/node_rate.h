// The rates of a node and of each of its links, from the feedback of all.
#pragma once

#include <vector>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/link/rate_controller.h"
#include "engine/link/send_monitor.h"

namespace swarmcast::link {

// All links share one uplink: a queue that every active link sees is the uplink's, and the node's
// rate answers; what one link sees beyond that stands further on, and only that link's rate
// answers. Where only one link is active, both are the same.
class NodeRate {
 public:
  // False if there are kMaxLinks already.
  bool add_link(LinkId link);
  void remove_link(LinkId link);
  // `loss` from SendMonitor::loss(), `rtt` smoothed.
  void on_report(LinkId link, const SendReport& report, double loss, Duration rtt, Instant now);

  DataRate node_rate() const { return node_.rate(); }
  bool competes() const { return node_.competes(); }
  DataRate link_rate(LinkId link) const;
  // The same without short dips, see RateController.
  DataRate sustained_node_rate() const { return node_.sustained_rate(); }
  DataRate sustained_link_rate(LinkId link) const;

 private:
  struct LinkState {
    bool used = false;
    LinkId id;
    RateController control;
    RateSignal last;
    Instant last_at = Instant::from_us(INT64_MIN / 2);
    uint64_t expected = 0;  // messages since the node's last signal
    int64_t lost = 0;
  };

  static bool is_active(const LinkState& link, Instant now);
  RateSignal beyond_the_uplink(const LinkState& of, Instant now) const;
  RateSignal take_shared_signal(Instant now);

  std::vector<LinkState> links_;  // grows to the most links there were at once
  RateController node_;
  Instant node_signal_at_ = Instant::from_us(INT64_MIN / 2);
};

}  // namespace swarmcast::link
