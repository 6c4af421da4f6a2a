// How many bytes of repairs a link's sender owes its receiver. A NAK cannot be proven wrong: who
// asks for everything again gets a share of what it is sent, and everybody else keeps the rest.
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

  void on_sent(size_t bytes) {
    left_ = std::min(left_ + kShare * static_cast<double>(bytes), kMost);
  }
  bool covers(size_t bytes) const { return static_cast<double>(bytes) <= left_; }
  // False if it does not cover them: nothing is taken then.
  bool take(size_t bytes) {
    if (!covers(bytes)) return false;
    left_ -= static_cast<double>(bytes);
    return true;
  }

 private:
  double left_ = kMost;
};

}  // namespace swarmcast::repair
