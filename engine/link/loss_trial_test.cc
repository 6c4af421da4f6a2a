#include "engine/link/loss_trial.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace swarmcast::link {
namespace {

constexpr DataRate kBefore = DataRate::kbps(5'000);

// A report a 50 ms of 20 messages at the full rate.
struct TrialReports {
  explicit TrialReports(uint64_t seed) : random(seed) {}
  bool report(double lost_share, double rate = 1) {
    int64_t lost = 0;
    const auto expected = static_cast<uint64_t>(20 * rate);
    for (uint64_t i = 0; i < expected; ++i) lost += random.chance(lost_share);
    const auto sent = DataRate::bps(static_cast<int64_t>(rate * 5e6));
    now = now + Duration::millis(50);
    return trial.on_report(now, expected, lost, lost_share, sent, now);
  }
  LossTrial::Cause try_less(double before, double then) {
    trial.begin(before, kBefore, now);
    for (int i = 0; i < 80 && trial.is_running(); ++i) report(then, LossTrial::kTrialRate);
    EXPECT_FALSE(trial.is_running());
    return trial.cause(now);
  }
  Prng random;
  LossTrial trial;
  Instant now = Instant::from_ms(1'000);
};

TEST(LossTrial, SeesLossesThatFollowTheRate) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    TrialReports path(seed);
    EXPECT_EQ(path.try_less(0.3, 0.05), LossTrial::Cause::kRate) << "seed " << seed;
    EXPECT_TRUE(path.report(0.3)) << "and the next losses are its, too";
  }
}

TEST(LossTrial, TakesALossyPathForWhatItIs) {
  int wrong = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed)
    for (double loss : {0.1, 0.2, 0.3})
      wrong += TrialReports(seed).try_less(loss, loss) != LossTrial::Cause::kPath;
  EXPECT_LE(wrong, 2) << "of 600";
}

TEST(LossTrial, AsksOnlyWhereThereIsMuchLossAndNoAnswer) {
  TrialReports path(1);
  EXPECT_FALSE(path.trial.is_due(0.01, path.now));
  EXPECT_TRUE(path.trial.is_due(0.1, path.now));
  ASSERT_EQ(path.try_less(0.1, 0.1), LossTrial::Cause::kPath);
  EXPECT_FALSE(path.trial.is_due(0.1, path.now));
  EXPECT_TRUE(path.trial.is_due(0.25, path.now)) << "much more than the answer was for";
  EXPECT_FALSE(path.report(0.1));
  EXPECT_TRUE(path.trial.is_due(0.1, path.now + Duration::seconds(10)));
}

// Else a radio's losses, once misjudged, would slow us down for ever.
TEST(LossTrial, TakesAWrongAnswerBack) {
  TrialReports path(2);
  ASSERT_EQ(path.try_less(0.2, 0.05), LossTrial::Cause::kRate);
  for (int i = 0; i < 40; ++i) path.report(0.2, 0.2);
  EXPECT_EQ(path.trial.cause(path.now), LossTrial::Cause::kRate);
  for (int i = 0; i < 20; ++i) path.report(0.2, 0.2);
  EXPECT_EQ(path.trial.cause(path.now), LossTrial::Cause::kPath);
}

TEST(LossTrial, LossesThatRemainedAreThePaths) {
  TrialReports path(3);
  ASSERT_EQ(path.try_less(0.3, 0.1), LossTrial::Cause::kRate);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(path.report(0.1));
}

TEST(LossTrial, EndsWithoutReports) {
  TrialReports path(4);
  path.trial.begin(0.2, kBefore, path.now);
  path.now = path.now + Duration::seconds(4);
  path.report(0.2);
  EXPECT_EQ(path.trial.cause(path.now), LossTrial::Cause::kPath);
}

}  // namespace
}  // namespace swarmcast::link
