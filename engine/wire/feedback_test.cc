#include "engine/wire/feedback.h"

#include <gtest/gtest.h>

#include "engine/wire/link_vectors_for_test.h"

namespace swarmcast::wire {
namespace {

TEST(Feedback, FromVector) {
  const auto bytes = link_vector("feedback");
  const auto feedback = parse_feedback(bytes);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->highest, 0x1234);
  EXPECT_EQ(feedback->received, 0x0abc);
  EXPECT_EQ(feedback->arrival_us, 0x89abcdefu);
  EXPECT_EQ(feedback->hold_us, 500);
  EXPECT_EQ(to_string(*feedback),
            "feedback up to 4660, 2748 received, arrival 2309737967 us, held 500 us");
}

TEST(Feedback, RoundTrip) {
  const Feedback feedback{.highest = 65'535, .received = 1, .arrival_us = ~0u, .hold_us = 65'535};
  Bytes<kFeedbackSize> out;
  EXPECT_EQ(write_feedback(out, feedback), kFeedbackSize);
  EXPECT_EQ(parse_feedback(out), feedback);
}

TEST(Feedback, Malformed) {
  auto bytes = link_vector("feedback");
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(parse_feedback(ByteSpan(bytes).first(n))) << n;
  bytes.push_back(0);
  EXPECT_FALSE(parse_feedback(bytes));
  bytes.pop_back();
  bytes[0] = 0x50;
  EXPECT_FALSE(parse_feedback(bytes));
}

}  // namespace
}  // namespace swarmcast::wire
