// The fuzz targets on a few thousand inputs that are the same in every run.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "fuzz/targets.h"

namespace swarmcast::fuzz {
namespace {

using Input = std::vector<uint8_t>;

// Some bytes changed, dropped, repeated, or taken over from another input.
Input mutated(const std::vector<Input>& corpus, Prng& random) {
  Input input = corpus[random.below(corpus.size())];
  for (uint64_t n = random.below(4); n > 0 && !input.empty(); --n) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(input.size()));
    const Input& other = corpus[random.below(corpus.size())];
    switch (random.below(5)) {
      case 0:
        input[at] ^= static_cast<uint8_t>(1 << random.below(8));
        break;
      case 1:
        input[at] = static_cast<uint8_t>(random.next());
        break;
      case 2:
        input.erase(input.begin() + at);
        break;
      case 3:
        input.insert(input.begin() + at, input[at]);
        break;
      default:
        for (size_t i = at; i < input.size() && i < other.size(); ++i) input[i] = other[i];
    }
  }
  return input;
}

Input noise(Prng& random) {
  Input input(random.below(1'300));
  for (uint8_t& b : input) b = static_cast<uint8_t>(random.next());
  return input;
}

void run(void (*target)(ByteSpan), const std::vector<Input>& corpus, uint64_t seed) {
  for (const Input& input : corpus) target(input);
  Prng random(seed);
  for (int i = 0; i < 5'000; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", input " + std::to_string(i));
    target(mutated(corpus, random));
    if (i % 5 == 0) target(noise(random));
  }
}

TEST(SeededFuzz, Fragment) { run(fragment, genuine_fragments(), 2'024); }

TEST(SeededFuzz, LeanFragment) { run(lean_fragment, genuine_lean_fragments(), 2'030); }

TEST(SeededFuzz, Invite) { run(invite, genuine_invites(), 2'025); }

TEST(SeededFuzz, Sdp) { run(sdp, genuine_sdps(), 2'026); }

TEST(SeededFuzz, Sctp) { run(sctp, genuine_sctp_packets(), 2'027); }

TEST(SeededFuzz, Dcep) { run(dcep, genuine_dceps(), 2'028); }

TEST(SeededFuzz, Signal) { run(signal, genuine_signals(), 2'029); }

TEST(SeededFuzz, Gateway) { run(gateway, genuine_gateway_texts(), 2'031); }

}  // namespace
}  // namespace swarmcast::fuzz
