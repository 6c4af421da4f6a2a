// Random loss, reordering and delay: what must hold whatever the network does.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/base/random.h"
#include "engine/chunk/playout.h"

namespace swarmcast::chunk {
namespace {

struct Arrival {
  StreamTime at;
  FrameHeader header;
  bool complete;
};

struct Scenario {
  explicit Scenario(uint64_t seed) : random(seed) {
    loss = random.chance(0.2) ? 0 : random.uniform() * 0.3;
    base_delay = static_cast<int64_t>(random.below(150'000));
    jitter = static_cast<int64_t>(1 + random.below(150'000));
    tail = random.uniform() * 0.1;
    key_every = 4 * static_cast<uint32_t>(1 + random.below(12));
    joined = static_cast<uint32_t>(random.below(60));
    if (random.chance(0.7)) fixed = Duration::millis(20 + static_cast<int64_t>(random.below(400)));
  }

  FrameHeader header(uint32_t number) {
    constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
    constexpr uint8_t kDependsOn[] = {4, 1, 2, 1};
    FrameHeader h{.id = {kVideoTrack, FrameNumber(number)},
                  .temporal_id = kTemporal[number % 4],
                  .depends_on = kDependsOn[number % 4],
                  .capture = StreamTime::from_us(50'000 * int64_t{number})};
    h.key = number % key_every == 0;
    if (h.key) h.depends_on = 0;
    return h;
  }

  // What a viewer that joins at frame `joined` gets: the last key and the T0s since in a burst,
  // then live frames; some lost, some seen but never complete, some far too late.
  std::vector<Arrival> arrivals() {
    std::vector<Arrival> out;
    const StreamTime join = header(joined).capture;
    for (uint32_t n = joined - joined % key_every; n < joined + kFrames; ++n) {
      const FrameHeader h = header(n);
      if (n < joined && h.temporal_id != 0) continue;
      if (random.chance(loss) && n + 50 < joined + kFrames) {
        if (random.chance(0.5)) out.push_back({h.capture + delay(), h, false});
        continue;
      }
      const StreamTime sent = std::max(h.capture, join);
      const StreamTime seen = sent + delay();
      out.push_back({seen, h, false});
      out.push_back({seen + Duration::micros(static_cast<int64_t>(random.below(60'000))), h, true});
    }
    std::ranges::stable_sort(out, {}, &Arrival::at);
    return out;
  }

  Duration delay() {
    int64_t us = base_delay + static_cast<int64_t>(random.below(static_cast<uint64_t>(jitter)));
    if (random.chance(tail)) us += static_cast<int64_t>(random.below(2'000'000));
    return Duration::micros(us);
  }

  static constexpr uint32_t kFrames = 400;
  Prng random;
  double loss, tail;
  int64_t base_delay, jitter;
  uint32_t key_every, joined;
  std::optional<Duration> fixed;
};

// Drives a buffer through a scenario and records what came out.
struct Playback {
  explicit Playback(Scenario& scenario) : playout(PlayoutOptions{.fixed = scenario.fixed}) {
    for (const Arrival& arrival : scenario.arrivals()) {
      advance(arrival.at);
      if (arrival.complete) {
        completed.emplace(arrival.header.id.number.value(), arrival.at);
        playout.on_frame_complete(arrival.header, now);
      } else {
        playout.on_frame_seen(arrival.header, now);
      }
      highest = std::max(highest, arrival.header.id.number.value());
      drain();
    }
    advance(now + Duration::seconds(20));
  }

  // Sleeps from timeout to timeout, as a host does.
  void advance(StreamTime to) {
    for (int wakes = 0;; ++wakes) {
      ASSERT_LT(wakes, 10'000) << "a busy loop";
      const StreamTime next = playout.next_timeout(now);
      ASSERT_GT(next, now);
      if (next > to) break;
      now = next;
      drain();
    }
    now = to;
    drain();
  }

  void drain() {
    while (auto release = playout.next(now)) {
      const uint32_t number = release->frame.number.value();
      if (!released.empty()) {
        EXPECT_GT(number, released.rbegin()->first) << "decode order";
        EXPECT_GE(release->present_at, last_present) << "presentation order";
      }
      EXPECT_GE(release->present_at, now);
      last_present = release->present_at;
      released[number] = now;
      if (release->show && !first_shown) first_shown = {number, now};
    }
    const FrameCounts& c = playout.counts();
    EXPECT_EQ(c.expected, c.on_time + c.late + c.missing + c.undecodable);
  }

  PlayoutBuffer playout;
  StreamTime now;
  StreamTime last_present;
  uint32_t highest = 0;
  std::map<uint32_t, StreamTime> completed;
  std::map<uint32_t, StreamTime> released;
  std::optional<std::pair<uint32_t, StreamTime>> first_shown;
};

// What the counters must say for a fixed delay, from the record alone.
FrameCounts recount(const Playback& run, Scenario& scenario) {
  FrameCounts counts;
  for (uint32_t n = run.first_shown->first; n <= run.highest; ++n) {
    const StreamTime deadline = scenario.header(n).capture + *scenario.fixed;
    if (deadline < run.first_shown->second) continue;
    ++counts.expected;
    const auto released = run.released.find(n);
    const FrameHeader header = scenario.header(n);
    if (released != run.released.end())
      ++(released->second <= deadline ? counts.on_time : counts.late);
    else if (!run.completed.contains(n))
      ++counts.missing;
    else if (header.key || run.released.contains(n - header.depends_on))
      ++counts.late;
    else
      ++counts.undecodable;
  }
  return counts;
}

TEST(PlayoutProperty, HoldsUnderAnyNetwork) {
  uint64_t on_time = 0, others = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Scenario scenario(seed);
    Playback run(scenario);
    for (const auto& [number, at] : run.released) {
      const FrameHeader header = scenario.header(number);
      EXPECT_TRUE(header.key || run.released.contains(number - header.depends_on))
          << "frame " << number << " without its reference";
      ASSERT_TRUE(run.completed.contains(number));
      EXPECT_GE(at, run.completed[number]);
    }
    // The last 50 frames are all delivered and hold a key: nobody waits for ever.
    ASSERT_TRUE(run.first_shown);
    if (scenario.key_every <= 40) {
      EXPECT_GT(run.released.rbegin()->first + 8, run.highest);
    }
    if (!scenario.fixed) continue;
    EXPECT_EQ(run.playout.playout_delay(), *scenario.fixed);
    const FrameCounts wanted = recount(run, scenario);
    const FrameCounts& counts = run.playout.counts();
    EXPECT_EQ(counts.expected, wanted.expected);
    EXPECT_EQ(counts.on_time, wanted.on_time);
    EXPECT_EQ(counts.late, wanted.late);
    EXPECT_EQ(counts.missing, wanted.missing);
    EXPECT_EQ(counts.undecodable, wanted.undecodable);
    on_time += counts.on_time;
    others += counts.expected - counts.on_time;
    // Complete in time with its reference out in time: then out in time itself.
    for (const auto& [number, at] : run.completed) {
      const FrameHeader header = scenario.header(number);
      const StreamTime deadline = header.capture + *scenario.fixed;
      if (number < run.released.begin()->first || at > deadline) continue;
      const auto reference = run.released.find(number - header.depends_on);
      if (!header.key && (reference == run.released.end() || reference->second > deadline))
        continue;
      ASSERT_TRUE(run.released.contains(number)) << number;
      EXPECT_LE(run.released[number], std::max(deadline, run.first_shown->second)) << number;
    }
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(on_time, 20'000u) << "the scenarios must be worth something";
  EXPECT_GT(others, 20'000u);
}

}  // namespace
}  // namespace swarmcast::chunk
