#include "sim/scenarios/pictures.h"

#include <algorithm>
#include <iterator>

namespace swarmcast::sim {
namespace {

// A key picture every two seconds, four times as big as a mean one.
constexpr uint32_t kKeyEvery = 2 * kFps;
constexpr int64_t kKeySize = 4;
constexpr size_t kLeastPicture = 100;
// Layers T0 T2 T1 T2, and how many pictures back each one refers.
constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
constexpr uint8_t kDepends[] = {4, 1, 2, 1};

}  // namespace

Picture Pictures::next(DataRate target, bool key_wanted) {
  const bool key = key_wanted || since_key_ % kKeyEvery == 0;
  if (key) since_key_ = 0;
  const size_t place = since_key_++ % std::size(kTemporal);
  return {.key = key,
          .index_in_chunk = static_cast<uint8_t>(place),
          .temporal_id = kTemporal[place],
          .depends_on = key ? uint8_t{0} : kDepends[place],
          .bytes = size_of(key, target.bytes_in(kPicturePeriod))};
}

// As under rate control: what a key picture takes, those after it give back.
size_t Pictures::size_of(bool key, int64_t mean) {
  const int64_t size = key ? mean * kKeySize : std::max(mean - over_budget_ / kFps, mean / 4);
  over_budget_ = std::max<int64_t>(over_budget_ + size - mean, 0);
  return std::max(static_cast<size_t>(size), kLeastPicture);
}

}  // namespace swarmcast::sim
