#include "sim/report/traffic.h"

#include <gtest/gtest.h>

#include "engine/wire/feedback.h"
#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"
#include "engine/wire/nak.h"
#include "engine/wire/ping.h"
#include "engine/wire/tick.h"

namespace swarmcast::sim {
namespace {

static_assert(kMediaType == wire::kFragmentType);
static_assert(kRepairFlag == wire::kHopRepairFlag);
static_assert(kLeanFlag == wire::kHopLeanFlag);
static_assert(kFirstFeedbackType == wire::kNakType && kLastFeedbackType == wire::kSettledType);
static_assert(wire::kFeedbackType < kLastFeedbackType && wire::kPingType < kLastFeedbackType &&
              wire::kPongType < kLastFeedbackType && wire::kTickType < kLastFeedbackType);

constexpr size_t kSealed = 5'000;

class TrafficTest : public testing::Test {
 protected:
  TrafficTest() {
    header_.id = {kVideoTrack, FrameNumber(1'000)};
    header_.depends_on = 1;
    header_.sealed_size = kSealed;
    header_.k = 5;
    header_.r = 3;
  }
  std::vector<uint8_t> whole(uint8_t index, const wire::HopHeader& hop = {}) const {
    std::vector<uint8_t> out(fragment_message_size(header_));
    const std::vector<uint8_t> payload(header_.fragment_payload());
    const std::vector<uint8_t> path(merkle_depth(header_.total()) * kMerkleNodeSize);
    wire::write_fragment(out, header_, index, Signature{}, path, payload);
    if (hop.answers) out.resize(out.size() + kRepairTrailerSize);
    wire::write_hop_header(out, hop);
    return out;
  }
  std::vector<uint8_t> lean(uint8_t index) const {
    const auto from = whole(index);
    std::vector<uint8_t> out(from.size());
    out.resize(wire::write_lean_fragment(out, from));
    return out;
  }
  FrameHeader header_;
  Traffic traffic_;
};

TEST_F(TrafficTest, PartsOfPicturesWholeAndLean) {
  for (const auto& message : {whole(0), lean(4)}) {
    const auto parts = traffic_.classify(message);
    EXPECT_EQ(parts.cause, Cause::kHeaders);
    EXPECT_EQ(parts.picture, kSealed / 5);
  }
}

TEST_F(TrafficTest, ParityAndRepairs) {
  EXPECT_EQ(traffic_.classify(whole(5)).cause, Cause::kParity);
  EXPECT_EQ(traffic_.classify(lean(7)).cause, Cause::kParity);
  const auto repair = traffic_.classify(whole(1, {.answers = 7}));
  EXPECT_EQ(repair.cause, Cause::kRepair);
  EXPECT_EQ(repair.picture, 0u);
}

TEST_F(TrafficTest, TheRest) {
  const uint8_t nak[] = {wire::kNakType, 0, 1, 0, 1, 0};
  EXPECT_EQ(traffic_.classify(nak).cause, Cause::kFeedback);
  const uint8_t envelope[] = {0x40, 0, 0, 0, 0};
  EXPECT_EQ(traffic_.classify(envelope).cause, Cause::kControl);
  EXPECT_EQ(traffic_.classify({}).cause, Cause::kControl);
  const uint8_t cut[] = {wire::kFragmentType, 0, 0, 0, 0, 0};
  EXPECT_EQ(traffic_.classify(cut).picture, 0u);
}

}  // namespace
}  // namespace swarmcast::sim
