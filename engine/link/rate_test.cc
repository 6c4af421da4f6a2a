// The whole control loop over a modelled bottleneck: egress, monitor, feedback, rate.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"
#include "engine/link/egress.h"
#include "engine/link/feedback_collector.h"
#include "engine/link/node_rate.h"
#include "engine/link/send_monitor.h"

namespace swarmcast::link {
namespace {

DataRate kbps(int64_t value) { return DataRate::kbps(value); }

struct Path {
  DataRate capacity = kbps(100'000);
  Duration one_way = Duration::millis(30);
  Duration jitter;  // uniform, reordering
  double loss = 0;
  Duration buffer = Duration::millis(500);  // drop-tail, in time at `capacity`
};

// One sender that offers media at a rate, 20 frames a second, to each of its children; all links
// share one uplink.
class World {
 public:
  World(uint64_t seed, Path initial, size_t children = 1)
      : path(initial), random_(seed), links_(children) {
    for (size_t i = 0; i < children; ++i) {
      links_[i].id = LinkId(static_cast<uint32_t>(i + 1));
      egress_.add_link(links_[i].id);
      rates_.add_link(links_[i].id);
    }
  }

  // Runs until `until`, offering `offered` to each child.
  void run(Instant until, DataRate offered, std::function<void(Instant)> each_ms = {}) {
    for (; now_ < until; now_ = now_ + ms(1)) {
      if (now_.us() / 1'000 % 50 == 0) offer(offered);
      send();
      for (Link& link : links_) receive(link);
      if (each_ms) each_ms(now_);
    }
  }
  Duration queue() const { return std::max(busy_until_ - now_, Duration()); }
  DataRate rate() const { return rates_.node_rate(); }
  bool competes() const { return rates_.competes(); }

  Path path;
  uint64_t sent = 0, lost = 0, delivered_bytes = 0;

 private:
  struct Arrival {
    Instant at;
    LinkSequence sequence;
    uint16_t size;
  };
  struct Report {
    Instant at;
    wire::Feedback feedback;
  };
  struct Link {
    LinkId id;
    std::deque<Arrival> arrivals;
    std::deque<Report> reports;
    SendMonitor monitor;
    FeedbackCollector collector;
  };

  void offer(DataRate offered) {
    for (int64_t bytes = offered.bytes_in(ms(50)); bytes > 0; bytes -= 1'100) {
      const auto size = static_cast<uint16_t>(std::min<int64_t>(bytes, 1'100));
      for (const Link& link : links_)
        egress_.enqueue({.link = link.id,
                         .send_class = SendClass::kBase,
                         .deadline = now_ + ms(200),
                         .size = size},
                        now_);
    }
  }
  void send() {
    while (auto order = egress_.next(now_)) {
      Link& link = links_[order->link.value() - 1];
      const auto sequence = link.monitor.on_sent(order->size, now_);
      ++sent;
      if (queue() > path.buffer || random_.chance(path.loss)) {
        ++lost;
        continue;
      }
      busy_until_ = std::max(busy_until_, now_) + path.capacity.time_to_send(order->size);
      Duration delay = path.one_way;
      if (path.jitter > Duration())
        delay += Duration::micros(
            static_cast<int64_t>(random_.below(static_cast<uint64_t>(path.jitter.us()))));
      link.arrivals.push_back({busy_until_ + delay, sequence, order->size});
    }
  }
  void receive(Link& link) {
    std::ranges::stable_sort(link.arrivals, {}, &Arrival::at);
    for (; !link.arrivals.empty() && link.arrivals.front().at <= now_; link.arrivals.pop_front()) {
      const Arrival& arrival = link.arrivals.front();
      link.collector.on_media(static_cast<uint16_t>(arrival.sequence.value()), arrival.at);
      delivered_bytes += arrival.size;
    }
    if (link.collector.is_due(now_))
      link.reports.push_back({now_ + path.one_way, link.collector.take(now_)});
    for (; !link.reports.empty() && link.reports.front().at <= now_; link.reports.pop_front()) {
      if (random_.chance(path.loss)) continue;
      const auto report = link.monitor.on_feedback(link.reports.front().feedback, now_);
      if (!report) continue;
      rates_.on_report(link.id, *report, link.monitor.loss(), path.one_way * 2, now_);
      egress_.set_rate(rates_.node_rate());
      egress_.set_link_rate(link.id, rates_.link_rate(link.id));
    }
  }

  Prng random_;
  std::vector<Link> links_;
  Instant now_ = at(0);
  Instant busy_until_;
  EgressController egress_;
  NodeRate rates_;
};

TEST(RateControl, RandomLossDoesNotSlowTheSender) {
  for (double loss : {0.01, 0.10, 0.25}) {
    World world(1, {.capacity = kbps(10'000), .loss = loss});
    world.run(at(30'000), kbps(2'000), [&](Instant) { ASSERT_GE(world.rate(), kbps(5'000)); });
    EXPECT_GE(world.delivered_bytes, static_cast<uint64_t>(30 * 250'000 * (1 - loss) * 0.97));
  }
}

TEST(RateControl, CapacityFallsFromFiveToOneAndAHalf) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    World world(seed, {.capacity = kbps(5'000), .buffer = ms(300)});
    world.run(at(10'000), kbps(4'000));
    EXPECT_EQ(world.lost, 0u);
    world.path.capacity = kbps(1'500);
    world.run(at(11'000), kbps(4'000));
    const uint64_t sent_before = world.sent, lost_before = world.lost;
    Duration worst;
    world.run(at(20'000), kbps(4'000), [&](Instant) { worst = std::max(worst, world.queue()); });
    EXPECT_LT(worst, ms(50)) << "seed " << seed;
    EXPECT_LT(static_cast<double>(world.lost - lost_before),
              0.02 * static_cast<double>(world.sent - sent_before));
    EXPECT_GT(world.rate(), kbps(900));
  }
}

// A queue of 2 s passes by first. That it grows on is no other sender's doing.
TEST(RateControl, ReportsOfWhatLeftBeforeACutSayNothingOfIt) {
  RateController control;
  Instant now = at(0);
  for (int64_t queue = 60; queue < 2'000; queue += 35, now = now + ms(50)) {
    control.on_signal({.sent_at = at(-100) + (now - at(0)) / 4,
                       .queue_delay = ms(queue),
                       .delivered = kbps(1'500),
                       .delivered_recently = kbps(1'500),
                       .rtt = ms(150)},
                      now);
    ASSERT_FALSE(control.competes()) << queue;
  }
}

// It stands, and the less we send the less gets through: the rest of the path is not idle.
TEST(RateControl, AQueueThatLetsThroughEverLessOfOursIsSharedThoughItFalls) {
  RateController control;
  Instant now = at(0);
  double queue = 1'500;
  for (; now < at(3'000) && !control.competes(); now = now + ms(50)) {
    const DataRate ours = std::min(control.rate(), kbps(2'500));
    control.on_signal({.sent_at = now,
                       .queue_delay = Duration::micros(static_cast<int64_t>(queue * 1e3)),
                       .delivered = ours,
                       .delivered_recently = ours,
                       .rtt = ms(60)},
                      now);
    queue -= 25;
  }
  EXPECT_TRUE(control.competes());
  EXPECT_GT(control.rate(), kbps(1'000)) << "it takes up what it had before the cuts";
}

// A queue of 400 ms is another's, and what we do there is reported half a second later.
TEST(RateControl, AYieldIsOverBeforeItsEffectIsReported) {
  RateController control;
  Instant now = at(0);
  Duration low;
  std::deque<DataRate> under_way(9, kbps(2'000));  // at a report each
  for (; now < at(10'000); now = now + ms(50)) {
    const DataRate ours = under_way.front();
    under_way.pop_front();
    under_way.push_back(std::min(control.rate(), kbps(2'000)));
    control.on_signal({.sent_at = now - ms(460),
                       .queue_delay = ms(400),
                       .delivered = ours,
                       .delivered_recently = ours,
                       .rtt = ms(460)},
                      now);
    if (!control.competes()) continue;
    low = control.rate() < control.sustained_rate() ? low + ms(50) : Duration();
    ASSERT_LE(low, ms(250));
  }
  EXPECT_TRUE(control.competes());
}

// What one controller hears every 50 ms of a path that lets 1.5 Mbit/s through.
struct Reports {
  void report(Duration queue) {
    control.on_signal({.sent_at = now - ms(60) - queue,
                       .queue_delay = queue,
                       .delivered = kbps(1'500),
                       .delivered_recently = kbps(1'500),
                       .rtt = ms(60)},
                      now);
    now = now + ms(50);
  }
  RateController control;
  Instant now = at(0);
};

TEST(RateControl, AQueueThatGrewAfterACutIsDrainedAllTheSame) {
  Reports path;
  for (int i = 0; i < 20; ++i) path.report(ms(0));
  for (int i = 0; i < 3; ++i) path.report(ms(60));
  EXPECT_EQ(path.control.rate(), kbps(1'275)) << "0.85 of what gets through";
  for (int i = 0; i < 3; ++i) path.report(ms(300));
  EXPECT_EQ(path.control.rate(), kbps(450)) << "before the first cut's time is over";
}

TEST(RateControl, WhereItFellBeforeOneLateReportIsEnoughToGoNoFaster) {
  Reports path;
  for (int i = 0; i < 3; ++i) path.report(ms(60));
  while (path.control.rate() < kbps(1'600)) path.report(ms(0));
  path.report(ms(60));
  EXPECT_EQ(path.control.rate(), kbps(1'500));
}

// Offers each child that much where 5 Mbit/s get through.
void expect_a_full_path_without_a_queue(World& world, DataRate offered) {
  world.run(at(3'000), offered);
  const uint64_t before = world.delivered_bytes;
  double sum = 0;
  int count = 0;
  world.run(at(33'000), offered, [&](Instant) {
    sum += world.queue().seconds_f();
    ++count;
  });
  testing::Test::RecordProperty("mean_queue_us", static_cast<int>(sum / count * 1e6));
  EXPECT_LT(sum / count, 0.050) << "mean queue";
  testing::Test::RecordProperty("kbps",
                                static_cast<int>((world.delivered_bytes - before) * 8 / 30'000));
  EXPECT_GT(world.delivered_bytes - before, 30u * 625'000 * 8 / 10) << "80 % of the capacity used";
}

TEST(RateControl, NeverStandsInAQueue) {
  World world(3, {.capacity = kbps(5'000)});
  expect_a_full_path_without_a_queue(world, kbps(10'000));
}

// No delay shows that it is full: 8 ms.
TEST(RateControl, FollowsTheLossesOfAQueueTooShortForADelay) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    World world(seed, {.capacity = kbps(5'000), .one_way = ms(10), .buffer = ms(8)});
    world.run(at(10'000), kbps(8'000));
    const uint64_t sent = world.sent, lost = world.lost, delivered = world.delivered_bytes;
    world.run(at(60'000), kbps(8'000));
    EXPECT_LT(static_cast<double>(world.lost - lost), 0.1 * static_cast<double>(world.sent - sent))
        << "seed " << seed;
    EXPECT_GT(world.delivered_bytes - delivered, 50u * 625'000 * 7 / 10) << "seed " << seed;
  }
}

TEST(RateControl, AFilledPathThatLosesAtRandomIsUsed) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    World world(seed, {.capacity = kbps(5'000), .loss = 0.1});
    world.run(at(10'000), kbps(8'000));
    const uint64_t before = world.delivered_bytes;
    world.run(at(60'000), kbps(8'000));
    EXPECT_GT(world.delivered_bytes - before, 50u * 625'000 * 7 / 10) << "seed " << seed;
  }
}

TEST(RateControl, FourChildrenShareOneUplinkWithoutAQueue) {
  World world(8, {.capacity = kbps(5'000)}, 4);
  expect_a_full_path_without_a_queue(world, kbps(2'000));
}

TEST(RateControl, FourChildrenOnAWideUplinkAreNotSlowed) {
  World world(9, {.capacity = kbps(12'000), .loss = 0.05}, 4);
  world.run(at(30'000), kbps(2'000));
  EXPECT_GT(world.delivered_bytes, static_cast<uint64_t>(30 * 1'000'000 * 0.95 * 0.97));
}

TEST(RateControl, ComesBackWhenTheCapacityDoes) {
  World world(4, {.capacity = kbps(1'500)});
  world.run(at(10'000), kbps(4'000));
  EXPECT_LT(world.rate(), kbps(2'500));
  world.path.capacity = kbps(20'000);
  world.run(at(20'000), kbps(4'000));
  EXPECT_GE(world.rate(), kbps(4'000));
}

TEST(RateControl, AnUnfilledPathProvesAtMostTwiceItsTraffic) {
  World world(5, {.capacity = kbps(1'000)});
  world.run(at(10'000), kbps(3'000));
  world.path.capacity = kbps(50'000);
  world.run(at(60'000), kbps(1'500));
  EXPECT_LE(world.rate(), kbps(2 * 2'000));
  EXPECT_GE(world.rate(), kbps(1'500));
}

TEST(RateControl, JitterIsNoQueue) {
  World world(6, {.capacity = kbps(10'000), .jitter = ms(30)});
  world.run(at(60'000), kbps(2'000), [&](Instant) { ASSERT_GE(world.rate(), kbps(3'000)); });
}

TEST(RateControl, ALongerRouteIsNoQueueForLong) {
  World world(7, {.capacity = kbps(10'000)});
  world.run(at(20'000), kbps(2'000));
  world.path.one_way = ms(100);
  world.run(at(26'000), kbps(2'000));
  const uint64_t before = world.delivered_bytes;
  world.run(at(36'000), kbps(2'000));
  EXPECT_GE(world.delivered_bytes - before, 2'400'000u) << "10 s of 2 Mbit/s but 4 %";
}

TEST(RateControl, HeavyLossIsACircuitBreaker) {
  RateController control;
  Instant now;
  const RateSignal lossy{.delivered = kbps(4'000), .loss = 0.5, .rtt = ms(60)};
  for (; now < at(1'900); now = now + ms(50)) control.on_signal(lossy, now);
  EXPECT_EQ(control.rate(), kInitialRate);
  for (; now < at(2'100); now = now + ms(50)) control.on_signal(lossy, now);
  EXPECT_EQ(control.rate(), kbps(4'000)) << "half of twice what was delivered";
  for (; now < at(4'200); now = now + ms(50)) control.on_signal(lossy, now);
  EXPECT_EQ(control.rate(), kbps(2'000));
  for (; now < at(600'000); now = now + ms(50)) control.on_signal({.loss = 0.9}, now);
  EXPECT_EQ(control.rate(), kMinRate);
}

TEST(NodeRate, OnlyASharedQueueIsTheUplinks) {
  NodeRate rates;
  rates.add_link(LinkId(1));
  rates.add_link(LinkId(2));
  const SendReport free{.delivered = kbps(2'000), .delivered_recently = kbps(2'000)};
  const SendReport queued{
      .queue_delay = ms(80), .delivered = kbps(1'000), .delivered_recently = kbps(1'000)};
  Instant now;
  for (; now < at(1'000); now = now + ms(50)) {
    rates.on_report(LinkId(1), free, 0, ms(60), now);
    rates.on_report(LinkId(2), queued, 0, ms(60), now);
  }
  EXPECT_EQ(rates.link_rate(LinkId(1)), kInitialRate);
  EXPECT_EQ(rates.link_rate(LinkId(2)), kbps(800)) << "a queue of 80 ms is to drain in 400";
  EXPECT_EQ(rates.node_rate(), kInitialRate);
  for (; now < at(1'300); now = now + ms(50)) {
    rates.on_report(LinkId(1), queued, 0, ms(60), now);
    rates.on_report(LinkId(2), queued, 0, ms(60), now);
  }
  EXPECT_EQ(rates.node_rate(), kbps(1'600));
  EXPECT_EQ(rates.link_rate(LinkId(1)), kInitialRate) << "its path beyond the uplink is free";
  rates.remove_link(LinkId(2));
  EXPECT_EQ(rates.link_rate(LinkId(2)), kInitialRate);
}

}  // namespace
}  // namespace swarmcast::link
