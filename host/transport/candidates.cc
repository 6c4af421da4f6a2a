#include "host/transport/candidates.h"

#include <functional>

namespace swarmcast::transport {
namespace {

constexpr size_t kReservedRelayed = 2;
constexpr size_t kReservedReflexive = 2;
static_assert(kReservedRelayed + kReservedReflexive < kMaxCandidates);

// Moves the first `most` of a type to the front; what is before `begin` stays.
void reserve(std::vector<Candidate>& all, size_t& begin, CandidateType type, size_t most) {
  for (size_t i = begin; i < all.size() && most > 0; ++i) {
    if (all[i].type != type) continue;
    std::rotate(all.begin() + static_cast<std::ptrdiff_t>(begin),
                all.begin() + static_cast<std::ptrdiff_t>(i),
                all.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    ++begin;
    --most;
  }
}

}  // namespace

void add_best(std::vector<Candidate> all, LinkDescription& description) {
  const size_t room = kMaxCandidates - description.candidates().size();
  std::ranges::stable_sort(all, std::greater<>(), &Candidate::priority);
  if (all.size() > room) {
    size_t reserved = 0;
    reserve(all, reserved, CandidateType::kRelayed, kReservedRelayed);
    reserve(all, reserved, CandidateType::kServerReflexive, kReservedReflexive);
    all.resize(room);
    std::ranges::stable_sort(all, std::greater<>(), &Candidate::priority);
  }
  for (const Candidate& candidate : all) description.add(candidate);
}

}  // namespace swarmcast::transport
