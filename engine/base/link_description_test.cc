#include "engine/base/link_description.h"

#include <gtest/gtest.h>

#include <string>

namespace swarmcast {
namespace {

TEST(LinkDescription, CredentialsHoldToTheirLengthsAndCharacters) {
  IceUfrag ufrag;
  EXPECT_TRUE(ufrag.empty());
  EXPECT_FALSE(ufrag.set("abc"));
  EXPECT_FALSE(ufrag.set(std::string(kMaxIceUfragSize + 1, 'a')));
  EXPECT_FALSE(ufrag.set("ab c"));
  EXPECT_FALSE(ufrag.set(std::string_view("ab\0c", 4)));
  EXPECT_TRUE(ufrag.empty());
  EXPECT_TRUE(ufrag.set(std::string(kMaxIceUfragSize, '+')));
  EXPECT_TRUE(ufrag.set("aZ/9"));
  EXPECT_EQ(ufrag.view(), "aZ/9");
  EXPECT_FALSE(ufrag.set("=aaa"));
  EXPECT_EQ(ufrag.view(), "aZ/9");

  IceUfrag same;
  ASSERT_TRUE(same.set("aZ/9"));
  EXPECT_EQ(ufrag, same);  // what was there before leaves no trace
}

TEST(LinkDescription, CandidatesAreBoundedAndUnique) {
  LinkDescription description;
  for (size_t i = 0; i < kMaxCandidates; ++i) {
    const Candidate candidate{.endpoint = {.port = static_cast<uint16_t>(i + 1)}};
    EXPECT_TRUE(description.add(candidate));
    EXPECT_TRUE(description.add(candidate));
    EXPECT_EQ(description.candidates().size(), i + 1);
  }
  EXPECT_FALSE(description.add({.endpoint = {.port = 99}}));
  EXPECT_EQ(description.candidates().size(), kMaxCandidates);
}

}  // namespace
}  // namespace swarmcast
