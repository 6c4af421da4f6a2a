// Nothing passes for a while, at any moment between two key frames: how soon the viewer is at the
// live edge again. The encoder makes no key frame on demand soon after the last one.
#include <gtest/gtest.h>

#include "engine/node/world_for_test.h"

namespace swarmcast::node {
namespace {

constexpr Duration kFrameInterval = Duration::millis(50);
constexpr uint32_t kKeyEvery = 48;  // frames
constexpr Duration kKeyDistance = Duration::millis(500);
constexpr size_t kFrame = 11'700;  // 20 a second: 2 Mbit/s with key frames four times as large
constexpr Duration kOneWay = Duration::millis(30);
constexpr DataRate kUplink = DataRate::kbps(5'000);
constexpr Duration kQueue = Duration::millis(200);
constexpr Duration kMessageOverhead = kUplink.time_to_send(57);  // IP, UDP, DTLS

// Source and viewer; the source's uplink can be cut.
class Hop {
 public:
  explicit Hop(std::optional<Duration> playout) {
    world_.default_link = {.one_way = kOneWay};
    world_.network = [this](size_t from, size_t, size_t bytes) { return carry(from, bytes); };
    source_ = world_.add_source({.stream = {.fps = 20, .playout = playout.value_or(Duration())},
                                 .bitrate = DataRate::kbps(2'000)});
    viewer_ = world_.add_peer(source_);
    world_.schedule(world_.now() + Duration::millis(200), [this] { publish(); });
  }

  void run(Duration d) { world_.run_for(d); }
  void black_out(Duration length) {
    cut_until_ = world_.now() + length;
    world_.run_for(length);
    ended_ = world_.now();
  }
  Duration playout() { return world_.engine(viewer_).stats(world_.now()).playout; }
  bool competes() { return world_.engine(source_).stats(world_.now()).competes; }
  int shedding() { return world_.engine(viewer_).stats(world_.now()).shedding; }
  uint64_t keys_asked_for() { return world_.node(source_).key_requests; }

  // From the end of the blackout until pictures come as soon after their capture as before, for
  // all of the next two seconds; never() if they do not.
  Duration back_after(Duration usual) {
    constexpr Duration kLongestGap = Duration::millis(200);
    constexpr Duration kAlmost = Duration::millis(50);
    std::optional<Instant> back;
    Instant last;
    for (const auto& shown : world_.node(viewer_).shown) {
      const Duration delay = shown.present_at - (began_ + (shown.capture - StreamTime::from_us(0)));
      if (!shown.show || shown.present_at < ended_ || delay > usual + kAlmost) continue;
      if (!back || shown.present_at - last > kLongestGap) back = shown.present_at;
      last = shown.present_at;
    }
    return back ? *back - ended_ : Duration::seconds(1'000);
  }

 private:
  std::optional<Duration> carry(size_t from, size_t bytes) {
    if (world_.now() < cut_until_) return std::nullopt;
    if (from != source_) return kOneWay;
    const Instant start = std::max(free_at_, world_.now());
    if (start - world_.now() > kQueue) return std::nullopt;
    free_at_ = start + kUplink.time_to_send(static_cast<int64_t>(bytes)) + kMessageOverhead;
    return free_at_ - world_.now() + kOneWay;
  }

  void publish() {
    world_.schedule(world_.now() + kFrameInterval, [this] { publish(); });
    const uint64_t asked = keys_asked_for();
    const bool on_demand = asked > keys_given_ && world_.now() - last_key_ >= kKeyDistance;
    const bool key = on_demand || since_key_ % kKeyEvery == 0;
    if (key) {
      since_key_ = 0;
      keys_given_ = asked;
      last_key_ = world_.now();
    }
    static constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
    static constexpr uint8_t kDepends[] = {4, 1, 2, 1};
    const auto place = static_cast<uint8_t>(since_key_++ % 4);
    const std::vector<uint8_t> payload(key ? kFrame * 4 : kFrame, place);
    world_.give(source_, input::PublishFrame{{.track = kVideoTrack,
                                              .index_in_chunk = place,
                                              .temporal_id = kTemporal[place],
                                              .key = key,
                                              .depends_on = key ? uint8_t{0} : kDepends[place],
                                              .payload = payload},
                                             world_.now()});
  }

  World world_{1};
  Instant began_ = world_.now();
  size_t source_ = 0, viewer_ = 0;
  Instant free_at_, cut_until_, ended_;
  uint32_t since_key_ = 0;
  uint64_t keys_given_ = 0;
  Instant last_key_ = Instant::from_us(0);
};

// Length, and the playout delay advertised; none: chosen by the viewer.
struct Blackout {
  Duration length;
  std::optional<Duration> playout;
};

class AnyMoment : public testing::TestWithParam<Blackout> {};

TEST_P(AnyMoment, IsFollowedByTheLiveEdgeInHalfASecond) {
  constexpr Duration kStep = Duration::millis(63);
  for (Duration moment; moment < kFrameInterval * kKeyEvery; moment = moment + kStep) {
    SCOPED_TRACE("begins " + std::to_string(moment.ms()) + " ms later");
    Hop hop(GetParam().playout);
    hop.run(Duration::seconds(5) + moment);
    const Duration usual = hop.playout();
    hop.black_out(GetParam().length);
    hop.run(Duration::millis(2'500));
    EXPECT_LE(hop.back_after(usual), Duration::millis(500));
    EXPECT_FALSE(hop.competes()) << "nobody else was there";
    EXPECT_EQ(hop.shedding(), 0) << "there is room";
  }
}

INSTANTIATE_TEST_SUITE_P(Blackouts, AnyMoment,
                         testing::Values(Blackout{Duration::millis(300), Duration::millis(300)},
                                         Blackout{Duration::millis(2'000), Duration::millis(300)},
                                         Blackout{Duration::millis(300), std::nullopt},
                                         Blackout{Duration::millis(2'000), std::nullopt}),
                         [](const auto& test) {
                           return "Of" + std::to_string(test.param.length.ms()) + "ms" +
                                  (test.param.playout
                                       ? "AtPlayout" + std::to_string(test.param.playout->ms())
                                       : "AtAutomaticPlayout");
                         });

}  // namespace
}  // namespace swarmcast::node
