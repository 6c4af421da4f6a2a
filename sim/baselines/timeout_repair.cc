// A push tree whose senders wait for acknowledgements, and repeat what has none in time.
#include <algorithm>
#include <map>

#include "sim/baselines/designs.h"
#include "sim/baselines/tree.h"

namespace swarmcast::sim {
namespace {

constexpr Duration kMinTimeout = Duration::millis(200);  // Linux's TCP_RTO_MIN
// An acknowledgement waits for others that long.
constexpr Duration kAckDelay = Duration::millis(10);

// RFC 6298.
class Timeout {
 public:
  void add(Duration sample) {
    if (!any_) {
      srtt_ = sample;
      rttvar_ = sample / 2;
      any_ = true;
      return;
    }
    const Duration error = srtt_ > sample ? srtt_ - sample : sample - srtt_;
    rttvar_ = (rttvar_ * 3 + error) / 4;
    srtt_ = (srtt_ * 7 + sample) / 8;
  }
  // Of the n-th try, 0 being the first.
  Duration value(int tries, Duration round_trip) const {
    const Duration usual = any_ ? srtt_ + rttvar_ * 4 : round_trip * 3;
    return std::max(kMinTimeout, usual) * (int64_t{1} << std::min(tries, 6));
  }

 private:
  bool any_ = false;
  Duration srtt_, rttvar_;
};

class TimeoutPeer final : public TreePeer {
 public:
  using TreePeer::TreePeer;

  void on_packet(NodeId from, const Message& message) override {
    if (message.kind == Message::Kind::kAck) return acknowledged(from, message);
    if (message.numbered && from == parent()) {
      if (acks_.empty()) ack_at_ = host_.now() + kAckDelay;
      acks_.push_back(message.sequence);
      host_.wake(self_, ack_at_);
    }
    take(message);
  }

  void on_timer() override {
    const Instant now = host_.now();
    if (!acks_.empty() && now >= ack_at_) acknowledge();
    if (!acks_.empty()) host_.wake(self_, ack_at_);
    for (auto& [child, link] : links_) repeat(child, link);
  }

 protected:
  void number(NodeId to, Message& message) override {
    Link& link = links_[to];
    message.sequence = link.next++;
    const int tries = tries_of(link, message);
    const Duration wait = link.timeout.value(tries, host_.round_trip(self_, to));
    link.sent[message.sequence] = {message.fragment, host_.now(), host_.now() + wait, tries};
    host_.wake(self_, host_.now() + wait);
  }
  void on_neighbour_gone(NodeId neighbour) override { links_.erase(neighbour); }

 private:
  struct Sent {
    FragmentKey fragment;
    Instant at, repeat_at;
    int tries = 0;
  };
  struct Link {
    uint32_t next = 0;
    Timeout timeout;
    std::map<uint32_t, Sent> sent;            // without an acknowledgement
    std::map<FragmentKey, int> tries_before;  // of what waits to be repeated
  };

  static int tries_of(Link& link, const Message& message) {
    const auto before = link.tries_before.find(message.fragment);
    if (before == link.tries_before.end()) return 0;
    const int tries = before->second;
    link.tries_before.erase(before);
    return tries;
  }

  void acknowledge() {
    if (parent()) {
      // As ranges: what is in a row takes two numbers.
      Message ack = Message::list(Message::Kind::kAck, Cause::kFeedback, 2);
      ack.numbers.swap(acks_);
      host_.send(self_, *parent(), std::move(ack), Urgency::kControl);
    }
    acks_.clear();
  }

  void acknowledged(NodeId child, const Message& ack) {
    const auto link = links_.find(child);
    if (link == links_.end()) return;
    for (const uint32_t number : ack.numbers) {
      const auto sent = link->second.sent.find(number);
      if (sent == link->second.sent.end()) continue;
      link->second.timeout.add(host_.now() - sent->second.at);
      link->second.sent.erase(sent);
    }
  }

  void repeat(NodeId child, Link& link) {
    const Instant now = host_.now();
    std::vector<Sent> again;
    Instant next = Instant::never();
    for (auto it = link.sent.begin(); it != link.sent.end();) {
      const Sent& sent = it->second;
      const bool due = host_.stream()[sent.fragment.frame].deadline <= now;
      if (now < sent.repeat_at && !due) {
        next = std::min(next, sent.repeat_at);
        ++it;
        continue;
      }
      if (!due) again.push_back(sent);
      it = link.sent.erase(it);
    }
    if (!next.is_never()) host_.wake(self_, next);
    for (const Sent& sent : again) {
      link.tries_before[sent.fragment] = sent.tries + 1;
      push(child, sent.fragment, Cause::kRepair);
    }
  }

  std::map<NodeId, Link> links_;
  std::vector<uint32_t> acks_;
  Instant ack_at_;
};

class TimeoutRepair final : public TreeDesign {
 public:
  using TreeDesign::TreeDesign;

 private:
  std::unique_ptr<TreePeer> make_peer(NodeId node) override {
    return std::make_unique<TimeoutPeer>(host(), node);
  }
};

}  // namespace

std::unique_ptr<Design> timeout_repair(Host& host, DataRate rate) {
  return std::make_unique<TimeoutRepair>(host, rate);
}

}  // namespace swarmcast::sim
