// FeedbackCollector and SendMonitor: the two halves of a link's measurement.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"
#include "engine/link/feedback_collector.h"
#include "engine/link/send_monitor.h"

namespace swarmcast::link {
namespace {

TEST(FeedbackCollector, ReportsWhileMediaFlows) {
  FeedbackCollector collector;
  EXPECT_TRUE(collector.next_timeout().is_never());
  collector.on_media(0, at(1'000));
  EXPECT_EQ(collector.next_timeout(), at(1'000)) << "the first at once";
  const auto first = collector.take(at(1'000));
  EXPECT_EQ(first.received, 1);
  EXPECT_TRUE(collector.next_timeout().is_never());
  collector.on_media(1, at(1'010));
  EXPECT_EQ(collector.next_timeout(), at(1'050));
  for (uint16_t n = 2; n <= 16; ++n) collector.on_media(n, at(1'012));
  EXPECT_TRUE(collector.is_due(at(1'025))) << "sooner at a high rate";
  const auto second = collector.take(at(1'030));
  EXPECT_EQ(second.highest, 16);
  EXPECT_EQ(second.received, 17);
  EXPECT_EQ(second.arrival_us, 1'012'000u);
  EXPECT_EQ(second.hold_us, 18'000);
  collector.on_media(17, at(2'000));
  EXPECT_EQ(collector.take(at(3'000)).hold_us, 65'535);
}

TEST(FeedbackCollector, CountsEachMessageOnce) {
  FeedbackCollector collector;
  EXPECT_FALSE(collector.on_media(2, at(0)).duplicate);
  EXPECT_FALSE(collector.on_media(0, at(0)).duplicate) << "late, not lost";
  EXPECT_TRUE(collector.on_media(2, at(0)).duplicate);
  EXPECT_TRUE(collector.on_media(0, at(0)).duplicate);
  EXPECT_FALSE(collector.on_media(3'000, at(1)).duplicate);
  EXPECT_TRUE(collector.on_media(1'900, at(1)).duplicate) << "too old to tell";
  EXPECT_FALSE(collector.on_media(2'900, at(1)).duplicate);
  EXPECT_EQ(collector.take(at(1)).received, 4);
}

TEST(FeedbackCollector, UnwrapsForLong) {
  FeedbackCollector collector;
  for (uint64_t n = 0; n < 200'000; ++n) {
    const auto received = collector.on_media(static_cast<uint16_t>(n), at(static_cast<int64_t>(n)));
    ASSERT_EQ(received.sequence, LinkSequence(n));
    ASSERT_FALSE(received.duplicate);
  }
  EXPECT_EQ(collector.loss(at(200'000)), 0);
}

// Both halves over a path that loses, delays and reorders.
TEST(Measurement, LossAndDelayAndDeliveryAreMeasured) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Prng random(seed);
    const double loss = random.uniform() * 0.4;
    const Duration skew = Duration::micros(static_cast<int64_t>(random.next() % (1ull << 40)));
    FeedbackCollector collector;
    SendMonitor monitor;
    double rtt_sum = 0;
    int reports = 0;
    for (int64_t t = 0; t < 5'000; t += 4) {  // 1,000 bytes every 4 ms: 2 Mbit/s
      const auto sequence = monitor.on_sent(1'000, at(t));
      const Instant arrival = at(t + 30);
      if (!random.chance(loss))
        collector.on_media(static_cast<uint16_t>(sequence.value()), arrival + skew);
      if (!collector.is_due(arrival + skew)) continue;
      const auto feedback = collector.take(arrival + skew);
      if (random.chance(0.2)) continue;  // the report is lost
      if (const auto report = monitor.on_feedback(feedback, arrival + ms(30))) {
        EXPECT_EQ(report->queue_delay, Duration());
        ASSERT_TRUE(report->rtt);
        rtt_sum += report->rtt->seconds_f();
        ++reports;
      }
    }
    EXPECT_GT(reports, 60);
    EXPECT_NEAR(rtt_sum / reports, 0.060, 0.0001);
    EXPECT_NEAR(monitor.loss(), loss, 0.08);
    EXPECT_NEAR(collector.loss(at(5'000) + skew), loss, 0.08);
    EXPECT_NEAR(static_cast<double>(monitor.delivered().kbps()), 2'000 * (1 - loss), 200);
  }
}

TEST(SendMonitor, SeesAQueueGrow) {
  SendMonitor monitor;
  wire::Feedback feedback;
  for (int i = 0; i < 100; ++i) {
    monitor.on_sent(1'000, at(10 * i));
    const int64_t arrival_ms = 10 * i + 40 + i;  // 1 ms more each time
    feedback.highest = static_cast<uint16_t>(i);
    feedback.received = static_cast<uint16_t>(i + 1);
    feedback.arrival_us = static_cast<uint32_t>(arrival_ms * 1'000 - 123'456'789);
    const auto report = monitor.on_feedback(feedback, at(arrival_ms + 20));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->queue_delay, ms(i));
  }
}

// A queue never loses everything for so long: who took it for one would go on to compete with it.
TEST(SendMonitor, CountsNoLossOfAnOutage) {
  const auto lost_after = [](int64_t silence_ms) {
    SendMonitor monitor;
    for (int i = 0; i < 10; ++i) monitor.on_sent(1'000, at(i));
    monitor.on_feedback({.highest = 9, .received = 10}, at(60));
    for (int i = 10; i < 20; ++i) monitor.on_sent(1'000, at(60 + i));
    const auto report = monitor.on_feedback({.highest = 19, .received = 11}, at(70 + silence_ms));
    EXPECT_TRUE(report);
    EXPECT_GT(monitor.loss(), 0.4) << "it is on record all the same";
    return std::pair(report->expected, report->lost);
  };
  EXPECT_EQ(lost_after(200), (std::pair<uint64_t, int64_t>(10, 9)));
  EXPECT_EQ(lost_after(251), (std::pair<uint64_t, int64_t>(0, 0)));
}

TEST(SendMonitor, RefusesWhatWasNeverSent) {
  SendMonitor monitor;
  EXPECT_EQ(monitor.last_sequence(), 65'535);
  EXPECT_FALSE(monitor.on_feedback({.highest = 0, .received = 1}, at(0)));
  EXPECT_FALSE(monitor.on_feedback({.highest = 65'535}, at(0)));
  monitor.on_sent(100, at(0));
  EXPECT_EQ(monitor.last_sequence(), 0);
  EXPECT_FALSE(monitor.on_feedback({.highest = 1, .received = 2}, at(0)));
  const auto liar = monitor.on_feedback({.highest = 0, .received = 60'000}, at(10));
  ASSERT_TRUE(liar);
  EXPECT_EQ(liar->lost, 0);
  EXPECT_FALSE(monitor.on_feedback({.highest = 0, .received = 60'000}, at(20))) << "nothing new";
}

TEST(SendMonitor, StallsWithoutFeedback) {
  SendMonitor monitor;
  EXPECT_FALSE(monitor.is_stalled(at(10'000)));
  monitor.on_sent(100, at(1'000));
  monitor.on_sent(100, at(1'400));
  EXPECT_FALSE(monitor.is_stalled(at(1'500)));
  EXPECT_TRUE(monitor.is_stalled(at(1'501)));
  monitor.on_heard_again();
  EXPECT_FALSE(monitor.is_stalled(at(1'501)));
  monitor.on_sent(100, at(1'600));
  EXPECT_TRUE(monitor.on_feedback({.highest = 2, .received = 3}, at(1'700)));
  EXPECT_FALSE(monitor.is_stalled(at(9'000))) << "all is accounted for";
}

// Outstanding messages take memory, not those of an hour.
TEST(SendMonitor, RemembersWhatIsUnderWay) {
  SendMonitor monitor;
  EXPECT_EQ(monitor.history(), 0u);
  wire::Feedback feedback;
  const auto send = [&](int64_t count, int64_t time_ms) {
    for (int64_t i = 0; i < count; ++i)
      feedback.highest = static_cast<uint16_t>(monitor.on_sent(1'000, at(time_ms)).value());
    feedback.received = static_cast<uint16_t>(feedback.received + count);
    feedback.arrival_us = static_cast<uint32_t>((time_ms + 30) * 1'000);
    const auto report = monitor.on_feedback(feedback, at(time_ms + 60));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->sent_at, at(time_ms));
    EXPECT_EQ(report->lost, 0);
  };
  for (int64_t round = 0; round < 72'000; ++round) send(30, round * 50);
  EXPECT_EQ(monitor.history(), 64u);
  send(1'000, 3'600'000);
  EXPECT_EQ(monitor.history(), 1'024u);
  for (int64_t i = 0; i < 10'000; ++i) monitor.on_sent(1'000, at(3'601'000));
  EXPECT_EQ(monitor.history(), 2'048u) << "its bound";
}

}  // namespace
}  // namespace swarmcast::link
