#include "test/swarm/figures.h"

#include <gtest/gtest.h>

namespace swarmcast::test {
namespace {

Compared line(double forecast, double measured) {
  return {"a", "ms", {.mean = forecast}, {.mean = measured}};
}

TEST(FiguresTest, OffIsAShareOfTheForecast) {
  EXPECT_EQ(line(200, 250).off(), 0.25);
  EXPECT_EQ(line(200, 150).off(), 0.25);
  EXPECT_EQ(line(0, 0).off(), 0);
}

TEST(FiguresTest, RunsAreComparedByTheirMeans) {
  const auto lines = compare({{.p50_ms = 100}, {.p50_ms = 200}}, {{.p50_ms = 180}});
  EXPECT_EQ(lines[0].forecast.mean, 150);
  EXPECT_EQ(lines[0].forecast.least, 100);
  EXPECT_EQ(lines[0].forecast.most, 200);
  EXPECT_DOUBLE_EQ(lines[0].off().value_or(-1), 0.2);
}

TEST(FiguresTest, NeverShownAgreesWithNothing) {
  const auto lines = compare({{.p50_ms = 100, .p95_ms = 200}}, {{.p50_ms = 100}});
  EXPECT_EQ(lines[0].off(), 0);
  EXPECT_EQ(lines[1].off(), std::nullopt);
}

TEST(FiguresTest, TheVerdictIsInTheTable) {
  EXPECT_NE(to_string({line(100, 120)}).find(" agrees"), std::string::npos);
  EXPECT_NE(to_string({line(100, 121)}).find("DISAGREES"), std::string::npos);
}

}  // namespace
}  // namespace swarmcast::test
