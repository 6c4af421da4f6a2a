// Monte-Carlo model of one hop: the real gap tracker, sent log and FEC policy between a source
// that paces 20 frames a second and a viewer with a playout deadline, over a link that loses
// messages both ways. Prints, for each network, the share of frames complete on time and the
// bandwidth overhead from the IP header up. The policy's constants were chosen by it.
//
//   repair_model [--frames N] [--seed N] [--parity N]    --parity overrides the policy
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <queue>
#include <vector>

#include "engine/base/frame.h"
#include "engine/base/random.h"
#include "engine/repair/fec_policy.h"
#include "engine/repair/fragment_store.h"
#include "engine/repair/gap_tracker.h"
#include "engine/repair/repair_plan.h"
#include "engine/repair/sent_log.h"

namespace {

using namespace swarmcast;
using namespace swarmcast::repair;

constexpr size_t kPacketOverhead = 20 + 8 + 37;  // IPv4, UDP, DTLS 1.2 record with AEAD
constexpr Duration kInterval = Duration::millis(50);
constexpr Duration kDevice = Duration::millis(10);  // encode, decode, present
constexpr Duration kCopySpacing = Duration::millis(6);
constexpr size_t kFeedbackPacket = 11 + kPacketOverhead;
constexpr Duration kFeedbackInterval = Duration::millis(50);

struct Network {
  const char* name;
  double loss = 0;
  double burst = 1;  // mean run of losses, in messages
  Duration rtt = Duration::millis(60);
  Duration playout = Duration::millis(300);
  Duration jitter;  // each message uniformly later by up to this: reorders
};

struct Settings {
  uint64_t frames = 20'000;
  uint64_t seed = 1;
  int parity = -1;
};

// Gilbert-Elliott: loses everything in the bad state, nothing in the good one.
class Losses {
 public:
  Losses(double loss, double burst, uint64_t seed) : prng_(seed), loss_(loss) {
    leave_ = 1.0 / burst;
    enter_ = loss < 1 ? loss * leave_ / (1 - loss) : 1;
    if (burst <= 1) leave_ = 1 - loss, enter_ = loss;
  }
  bool lose() {
    if (loss_ <= 0) return false;
    bad_ = bad_ ? !prng_.chance(leave_) : prng_.chance(enter_);
    return bad_;
  }

 private:
  Prng prng_;
  double loss_, leave_ = 1, enter_ = 0;
  bool bad_ = false;
};

struct Frame {
  FrameState state;
  Instant deadline, completed = Instant::never();
};

struct Result {
  double on_time[2] = {};  // all, base layer
  double overhead = 0, parity = 0, repairs = 0, naks = 0, spurious = 0;
};

class Hop {
 public:
  Hop(const Network& network, const Settings& settings)
      : network_(network),
        settings_(settings),
        forward_(network.loss, network.burst, settings.seed * 2 + 1),
        backward_(network.loss, network.burst, settings.seed * 2 + 2),
        jitter_(settings.seed + 99) {}

  Result run() {
    for (uint64_t n = 0; n < settings_.frames; ++n)
      at(Instant::from_ms(1'000) + kInterval * static_cast<int64_t>(n), [this, n] { capture(n); });
    at(Instant::from_ms(1'000), [this] { tick(); });
    at(Instant::from_ms(1'000), [this] { feedback(); });
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.when;
      event.action();
    }
    return result();
  }

 private:
  struct Event {
    Instant when;
    uint64_t order;
    std::function<void()> action;
    bool operator<(const Event& o) const {
      return when != o.when ? when > o.when : order > o.order;
    }
  };
  void at(Instant when, std::function<void()> action) {
    events_.push({when, order_++, std::move(action)});
  }

  // Frame sizes of OpenH264 L1T3 at 2 Mbit/s (T0 T2 T1 T2: 41, 29 and 30 % of the bytes), a key
  // frame of 2.9 means every 40.
  void capture(uint64_t n) {
    constexpr double kShare[] = {1.64, 0.60, 1.16, 0.60};
    constexpr unsigned kLayer[] = {0, 2, 1, 2};
    const bool key = n % 40 == 0;
    const double spread = 0.8 + 0.4 * jitter_.uniform();
    const size_t size = static_cast<size_t>(12'500 * (key ? 2.9 : kShare[n % 4] * spread)) + 16;
    FrameHeader h{.id = {kVideoTrack, FrameNumber(static_cast<uint32_t>(n))}};
    h.temporal_id = static_cast<uint8_t>(kLayer[n % 4]);
    h.sealed_size = static_cast<uint32_t>(size);
    while (fragment_message_size(h) > kMaxMessageSize) ++h.k;
    h.r =
        static_cast<uint8_t>(settings_.parity >= 0 ? static_cast<unsigned>(settings_.parity)
                                                   : parity_fragments({.k = h.k,
                                                                       .temporal_id = h.temporal_id,
                                                                       .loss = network_.loss,
                                                                       .burst = network_.burst,
                                                                       .rounds = plan_.rounds}));
    while (fragment_message_size(h) > kMaxMessageSize) ++h.k;  // a longer path
    Frame f{.state = {.header = h}, .deadline = now_ + network_.playout - kDevice};
    media_bytes_ += size - 16;
    const unsigned total = h.total();
    frames_.push_back(std::move(f));
    for (unsigned i = 0; i < total; ++i)
      at(now_ + plan_.spread * i / total, [this, n, i] { send(n, i, {}); });
  }

  using Answers = std::optional<LinkSequence>;

  void send(uint64_t n, unsigned i, Answers answers) {
    const FrameHeader& h = frames_[n].state.header;
    const size_t bytes = fragment_message_size(h) + kPacketOverhead + (answers ? 2 : 0);
    wire_bytes_ += bytes;
    if (answers) repair_bytes_ += bytes;
    if (!answers && i >= h.k) parity_bytes_ += bytes;
    last_sent_ = now_;
    const FragmentId id{{kVideoTrack, FrameNumber(static_cast<uint32_t>(n))},
                        static_cast<uint8_t>(i)};
    const LinkSequence sequence = log_.record(now_, id, answers);
    if (forward_.lose()) return;
    at(now_ + delay(), [this, sequence, id, answers] { receive(sequence, id, answers); });
  }

  Duration delay() {
    const int64_t us = network_.jitter.us();
    return network_.rtt / 2 +
           Duration::micros(us ? static_cast<int64_t>(jitter_.below(static_cast<uint64_t>(us)))
                               : 0);
  }

  void receive(LinkSequence sequence, FragmentId id, Answers answers) {
    Frame& f = frames_[id.frame.number.value()];
    FrameState& state = f.state;
    if (!state.have[id.index]) {
      state.have.set(id.index);
      state.complete = ++state.received >= state.header.k;
      if (state.received == state.header.k) f.completed = now_;
    }
    tracker_.on_received(now_, sequence, id.frame.track, f.deadline, answers);
    newest_ = std::max(newest_, id.frame.number.value());
    ask();
  }

  // When the first frame is due that is still wanted and incomplete.
  Instant hungry_from() const {
    for (size_t n = newest_ > 20 ? newest_ - 20 : 0; n <= newest_ && n < frames_.size(); ++n)
      if (!frames_[n].state.complete && now_ < frames_[n].deadline) return frames_[n].deadline;
    return Instant::never();
  }

  void ask() {
    const NakContext context{.hungry_from = hungry_from(),
                             .srtt = network_.rtt + network_.jitter / 2,
                             .rttvar = network_.jitter / 4,
                             .lossy = network_.loss > 0.02,
                             .in_order = true,
                             .gather = plan_.gather};
    const NakRequest request = tracker_.due(now_, context);
    send_nak(request.normal, false);
    send_nak(request.urgent, true);
    const Instant next = tracker_.next_timeout();
    if (next.is_never() || (wake_ > now_ && wake_ <= next)) return;
    wake_ = std::max(next, now_ + Duration::micros(100));
    at(wake_, [this] { ask(); });
  }

  void send_nak(const NakList& list, bool urgent) {
    if (list.empty()) return;
    const size_t bytes = 3 + 3 * list.spans().size() + kPacketOverhead;
    wire_bytes_ += bytes;
    nak_bytes_ += bytes;
    if (backward_.lose()) return;
    at(now_ + delay(), [this, list, urgent] { answer(list, urgent); });
  }

  void answer(const NakList& list, bool urgent) {
    NakList settled;
    for (const SequenceSpan& span : list.spans())
      for (uint32_t i = 0; i < span.count; ++i) {
        const LinkSequence sequence(span.first.value() + i);
        const auto id = log_.lookup(sequence);
        if (!id) continue;
        const uint64_t n = id->frame.number.value();
        const NakAnswer verdict =
            log_.on_nak(sequence, now_, network_.rtt, frames_[n].state.header.k);
        if (verdict == NakAnswer::kSettled) settled.add(sequence);
        if (verdict != NakAnswer::kResend) continue;
        send(n, id->index, sequence);
        const Instant next = now_ + network_.rtt * 3 / 2 + kRoundMargin;
        if (!urgent && next <= frames_[n].deadline) continue;
        // Copies keep their distance, or one burst takes all.
        for (unsigned c = 1; c < last_repair_copies(network_.loss); ++c)
          at(now_ + kCopySpacing * c,
             [this, n, index = id->index, sequence] { send(n, index, sequence); });
      }
    if (!settled.empty()) tell_settled(settled);
  }

  void tell_settled(const NakList& list) {
    const size_t bytes = 3 + 3 * list.spans().size() + kPacketOverhead;
    wire_bytes_ += bytes;
    nak_bytes_ += bytes;
    if (forward_.lose()) return;
    at(now_ + delay(), [this, list] {
      for (const SequenceSpan& span : list.spans()) tracker_.on_settled(span);
      ask();
    });
  }

  void tick() {
    if (now_ - last_sent_ > Duration::millis(40) && !frames_.empty() && !forward_.lose())
      at(now_ + delay(), [this, last = log_.next().value() - 1] {
        tracker_.on_tick(now_, LinkSequence(last));
        ask();
      });
    if (frames_.size() < settings_.frames) at(now_ + Duration::millis(40), [this] { tick(); });
  }

  void feedback() {
    wire_bytes_ += kFeedbackPacket;
    backward_.lose();
    if (frames_.size() < settings_.frames) at(now_ + kFeedbackInterval, [this] { feedback(); });
  }

  Result result() const {
    Result r;
    uint64_t good[2] = {}, all[2] = {};
    for (const Frame& f : frames_) {
      const bool on_time = f.completed <= f.deadline;
      good[0] += on_time, ++all[0];
      if (f.state.header.temporal_id == 0) good[1] += on_time, ++all[1];
    }
    const double media = static_cast<double>(media_bytes_);
    for (int i = 0; i < 2; ++i)
      r.on_time[i] = 100.0 * static_cast<double>(good[i]) / static_cast<double>(all[i]);
    r.overhead = 100 * (static_cast<double>(wire_bytes_) / media - 1);
    r.parity = 100 * static_cast<double>(parity_bytes_) / media;
    r.repairs = 100 * static_cast<double>(repair_bytes_) / media;
    r.naks = 100 * static_cast<double>(nak_bytes_) / media;
    r.spurious = 100 * static_cast<double>(tracker_.counts().spurious) /
                 std::max(1.0, static_cast<double>(log_.next().value()));
    return r;
  }

  const Network network_;
  const Settings settings_;
  const RepairPlan plan_ = plan_repair(
      {.playout = network_.playout - kDevice, .rtt = network_.rtt, .frame_interval = kInterval});
  Losses forward_, backward_;
  Prng jitter_;
  Instant now_, last_sent_, wake_;
  std::priority_queue<Event> events_;
  uint64_t order_ = 0;
  std::vector<Frame> frames_;
  SentLog log_;
  uint32_t newest_ = 0;
  GapTracker tracker_;
  uint64_t media_bytes_ = 0, wire_bytes_ = 0, parity_bytes_ = 0, repair_bytes_ = 0, nak_bytes_ = 0;
};

constexpr Duration ms(int64_t v) { return Duration::millis(v); }

const Network kNetworks[] = {
    {"no loss", 0.00, 1},
    {"1 %", 0.01, 1},
    {"5 %", 0.05, 1},
    {"10 %", 0.10, 1},
    {"10 % in bursts of 4", 0.10, 4},
    {"10 % in bursts of 8", 0.10, 8},
    {"20 %", 0.20, 1},
    {"1 %, playout 150", 0.01, 1, ms(60), ms(150)},
    {"5 %, playout 150", 0.05, 1, ms(60), ms(150)},
    {"10 %, playout 150", 0.10, 1, ms(60), ms(150)},
    {"10 %, playout 200", 0.10, 1, ms(60), ms(200)},
    {"5 %, RTT 150, playout 200", 0.05, 1, ms(150), ms(200)},
    {"10 %, RTT 150, playout 300", 0.10, 1, ms(150), ms(300)},
    {"0 %, jitter 30", 0.00, 1, ms(60), ms(300), ms(30)},
    {"10 %, jitter 30", 0.10, 1, ms(60), ms(300), ms(30)},
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--frames"))
      settings.frames = std::strtoull(argv[i + 1], nullptr, 10);
    if (!std::strcmp(argv[i], "--seed")) settings.seed = std::strtoull(argv[i + 1], nullptr, 10);
    if (!std::strcmp(argv[i], "--parity")) settings.parity = std::atoi(argv[i + 1]);
  }
  std::printf("%-28s %9s %9s | %8s = headers + parity + repairs + NAKs | %s\n",
              "network (RTT 60, playout 300)", "on time %", "base %", "overhead",
              "spurious % of messages");
  for (const Network& network : kNetworks) {
    const Result r = Hop(network, settings).run();
    std::printf("%-28s %9.3f %9.3f | %7.1f %% = %6.1f + %6.1f + %7.1f + %4.1f    | %.2f\n",
                network.name, r.on_time[0], r.on_time[1], r.overhead,
                r.overhead - r.parity - r.repairs - r.naks, r.parity, r.repairs, r.naks,
                r.spurious);
  }
}
