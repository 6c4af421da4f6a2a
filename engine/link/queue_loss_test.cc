#include "engine/link/queue_loss.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace swarmcast::link {
namespace {

// Reports a 25 ms of 20 messages; the queue swings between 0 and `most` within 2 s.
struct Swinging {
  Duration most;
  double lost_when_full = 0;
  double lost_always = 0;

  int congestions(uint64_t seed, int reports) const {
    Prng random(seed);
    QueueLoss loss;
    int out = 0;
    for (int i = 0; i < reports; ++i) {
      const double level = static_cast<double>(i % 80) / 79;
      const auto delay =
          Duration::micros(static_cast<int64_t>(level * static_cast<double>(most.us())));
      int64_t lost = 0;
      for (int message = 0; message < 20; ++message)
        lost += random.chance(lost_always + (level > 0.95 ? lost_when_full : 0));
      out += loss.on_report(delay, 20, lost, Instant::from_ms(25 * i));
    }
    return out;
  }
};

TEST(QueueLoss, SeesLossesOfAFullQueue) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Swinging path{Duration::millis(100), 0.1, 0};
    EXPECT_GE(path.congestions(seed, 1'600), 15) << "seed " << seed << ": 20 times it was full";
  }
}

TEST(QueueLoss, TakesALossyPathForWhatItIs) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (double loss : {0.01, 0.05, 0.1}) {
      const Swinging path{Duration::millis(40), 0, loss};
      EXPECT_LE(path.congestions(seed, 4'000), 8) << "seed " << seed << ", loss " << loss;
    }
  }
}

TEST(QueueLoss, WithoutAQueueNothingIsItsFault) {
  const Swinging path{Duration::millis(3), 0.5, 0};
  EXPECT_EQ(path.congestions(1, 1'000), 0);
}

TEST(QueueLoss, LateIsNotLost) {
  QueueLoss loss;
  for (int i = 0; i < 400; ++i) {
    const int64_t late = i % 2 == 0 ? 3 : -3;
    EXPECT_FALSE(loss.on_report(Duration::millis(30), 20, late, Instant::from_ms(25 * i)));
  }
}

}  // namespace
}  // namespace swarmcast::link
