// How many bytes a sender owes beside the live stream: to one link in repairs, to all in what those
// missed that come to it. Nobody can prove that it missed something: who asks for everything again
// gets a share of what is sent, and everybody else keeps the rest.
#pragma once

#include <algorithm>
#include <cstddef>

namespace swarmcast::repair {

class RepairBudget {
 public:
  // Of what is sent for the first time: enough where every third message gets lost.
  static constexpr double kShare = 0.5;
  // Saved up for an outage: a second at 2 Mbit/s. Bytes.
  static constexpr double kMost = 256 * 1'024;

  explicit RepairBudget(double share = kShare, double most = kMost)
      : share_(share), most_(most), left_(most) {}

  void on_sent(size_t bytes) {
    left_ = std::min(left_ + share_ * static_cast<double>(bytes), most_);
  }
  bool covers(size_t bytes) const { return static_cast<double>(bytes) <= left_; }
  // False if it does not cover them: nothing is taken then.
  bool take(size_t bytes) {
    if (!covers(bytes)) return false;
    left_ -= static_cast<double>(bytes);
    return true;
  }

 private:
  double share_;
  double most_;
  double left_;
};

}  // namespace swarmcast::repair
