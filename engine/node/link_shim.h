#pragma once
#include <deque>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/wire/feedback.h"
namespace swarmcast::link {
enum class Class { kBase, kRepair, kT1, kT2 };
struct SendOrder {
  LinkId link;
  FragmentId fragment;
  Class cls;
  Instant deadline;
  uint16_t size;
};
struct FeedbackInput {
  LinkSequence highest;
  Instant sent;
  wire::Feedback report;
};
class Egress {
 public:
  void enqueue(Instant, const SendOrder& o) { q_.push_back(o); }
  std::optional<SendOrder> next(Instant) {
    if (q_.empty()) return std::nullopt;
    auto o = q_.front();
    q_.pop_front();
    return o;
  }
  void cancel(LinkId l) {
    std::erase_if(q_, [&](auto& o) { return o.link == l; });
  }
  void remove_link(LinkId l) { cancel(l); }
  Instant next_timeout() const { return Instant::never(); }
  uint64_t dropped() const { return 0; }
  void on_feedback(Instant, LinkId, const FeedbackInput&) {}

 private:
  std::deque<SendOrder> q_;
};
class FeedbackCollector {
 public:
  void on_received(Instant, LinkSequence s) {
    if (s.value() >= next_) next_ = s.value() + 1;
    ++n_;
  }
  double loss() const { return next_ == 0 ? 0 : 1.0 - double(n_) / double(next_); }
  std::optional<wire::Feedback> poll(Instant) { return std::nullopt; }
  Instant next_timeout() const { return Instant::never(); }

 private:
  uint64_t next_ = 0, n_ = 0;
};
}  // namespace swarmcast::link
