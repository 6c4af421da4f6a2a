#include "host/transport/candidates.h"

#include <gtest/gtest.h>

namespace swarmcast::transport {
namespace {

Candidate make(CandidateType type, uint32_t priority) {
  return {type, {.port = static_cast<uint16_t>(priority)}, priority};
}

std::vector<uint32_t> priorities(const LinkDescription& description) {
  std::vector<uint32_t> out;
  for (const Candidate& candidate : description.candidates()) out.push_back(candidate.priority);
  return out;
}

TEST(AddBest, PutsThePreferredFirst) {
  LinkDescription description;
  add_best({make(CandidateType::kRelayed, 1), make(CandidateType::kHost, 3),
            make(CandidateType::kServerReflexive, 2)},
           description);
  EXPECT_EQ(priorities(description), (std::vector<uint32_t>{3, 2, 1}));
}

TEST(AddBest, KeepsWaysThroughNatsAndRelaysIfThereIsNoRoomForAll) {
  std::vector<Candidate> all;
  for (uint32_t i = 0; i < 20; ++i) all.push_back(make(CandidateType::kHost, 100 + i));
  for (uint32_t i = 0; i < 3; ++i) {
    all.push_back(make(CandidateType::kServerReflexive, 50 + i));
    all.push_back(make(CandidateType::kRelayed, 10 + i));
  }
  LinkDescription description;
  add_best(all, description);
  EXPECT_EQ(priorities(description), (std::vector<uint32_t>{119, 118, 117, 116, 52, 51, 12, 11}));
}

}  // namespace
}  // namespace swarmcast::transport
