#include "engine/link/clock_sync.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast::link {
namespace {

constexpr Duration kSampleLife = Duration::seconds(10);
constexpr Duration kStep = Duration::millis(100);
// The first readings are taken while a node is busy starting: better ones count at once.
constexpr Duration kYouth = Duration::seconds(1);
constexpr int64_t kSlewDivisor = 100;      // 1 %
constexpr int64_t kDriftDivisor = 10'000;  // 100 ppm: two clocks, 50 ppm each

Duration magnitude(Duration d) { return d < Duration() ? -d : d; }

}  // namespace

void ClockSync::on_sample(Instant sent, Instant received, Duration hold, StreamTime stream,
                          Duration parent_error) {
  const Duration rtt = std::max(received - sent - hold, Duration());
  const Instant middle = received - rtt / 2;
  const Duration before = offset(received);
  samples_[count_++ % kSamples] = {received, Duration::micros(stream.us() - middle.us()),
                                   rtt / 2 + parent_error + Duration::micros(1)};
  target_ = best(received)->offset;
  if (!known_) known_since_ = received;
  const bool young = received - known_since_ < kYouth;
  base_ = young || magnitude(target_ - before) > kStep ? target_ : before;
  since_ = received;
  known_ = true;
}

StreamTime ClockSync::to_stream(Instant local) const {
  return StreamTime::from_us((local + offset(local)).us());
}

Instant ClockSync::to_local(StreamTime stream) const {
  // The offset changes by at most 1 %: three rounds leave a millionth of it.
  Instant local = Instant::from_us((stream - base_).us());
  for (int i = 0; i < 3; ++i) local = Instant::from_us((stream - offset(local)).us());
  return local;
}

Duration ClockSync::error(Instant now) const {
  SWARMCAST_CHECK(known_);
  const Sample* sample = best(now);
  return sample->bound + (now - sample->at) / kDriftDivisor +
         magnitude(sample->offset - offset(now));
}

// Older samples than kSampleLife only if there is no younger one: the last is never forgotten.
const ClockSync::Sample* ClockSync::best(Instant now) const {
  const Sample* out = &samples_[(count_ - 1) % kSamples];
  const auto aged = [&](const Sample& s) { return s.bound + (now - s.at) / kDriftDivisor; };
  for (size_t i = 0; i < std::min(count_, kSamples); ++i) {
    const Sample& sample = samples_[i];
    if (now - sample.at <= kSampleLife && aged(sample) < aged(*out)) out = &sample;
  }
  return out;
}

Duration ClockSync::offset(Instant local) const {
  const Duration most = std::max(local - since_, Duration()) / kSlewDivisor;
  return base_ + std::clamp(target_ - base_, -most, most);
}

}  // namespace swarmcast::link
