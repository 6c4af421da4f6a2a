#include "test/swarm/figures.h"

#include <gtest/gtest.h>

namespace swarmcast::test {
namespace {

TEST(FiguresTest, OffIsAShareOfTheForecast) {
  EXPECT_EQ((Compared{.forecast = 200, .measured = 250}.off()), 0.25);
  EXPECT_EQ((Compared{.forecast = 200, .measured = 150}.off()), 0.25);
  EXPECT_EQ((Compared{.forecast = 0, .measured = 0}.off()), 0);
}

TEST(FiguresTest, NeverShownAgreesWithNothing) {
  const auto lines = compare({.p50_ms = 100, .p95_ms = 200}, {.p50_ms = 100});
  EXPECT_EQ(lines[0].off(), 0);
  EXPECT_EQ(lines[1].off(), std::nullopt);
}

TEST(FiguresTest, TheVerdictIsInTheTable) {
  const std::string table = to_string({{"a", "ms", 100, 120}, {"b", "ms", 100, 121}});
  EXPECT_NE(table.find("agrees"), std::string::npos) << table;
  EXPECT_NE(table.find("DISAGREES"), std::string::npos) << table;
}

}  // namespace
}  // namespace swarmcast::test
