// The source's clock, estimated hop by hop (spec/link.md, "PING and PONG").
#pragma once

#include <array>
#include <cstddef>

#include "engine/base/time.h"

namespace swarmcast::link {

// One for a node, fed from its parents. A reading is placed at the middle of its round trip, so it
// is off by at most rtt / 2 + the parent's own error (Cristian 1989); the reading with the least
// bound of the last 10 s counts (as in RFC 5905), aged by the drift two clocks may have.
//
// The estimate moves towards the best reading by at most 1 % of the time that passes, so stream
// time neither stops nor runs backwards; it is set only in its first second, or when it is off by
// more than 100 ms.
class ClockSync {
 public:
  // The neighbour answered somewhere between `sent` + `hold` and `received`, reading `stream`.
  void on_sample(Instant sent, Instant received, Duration hold, StreamTime stream,
                 Duration parent_error);

  bool is_known() const { return known_; }
  // The following need is_known().
  StreamTime to_stream(Instant local) const;
  Instant to_local(StreamTime stream) const;
  // Bound of |to_stream(now) - the source's clock|.
  Duration error(Instant now) const;

 private:
  struct Sample {
    Instant at;
    Duration offset;  // stream time - local time
    Duration bound;   // at `at`
  };

  const Sample* best(Instant now) const;
  Duration offset(Instant local) const;

  static constexpr size_t kSamples = 32;
  std::array<Sample, kSamples> samples_{};
  size_t count_ = 0;  // ever taken
  bool known_ = false;
  Instant known_since_;
  // The estimate: `base_` at `since_`, on its way to `target_`.
  Instant since_;
  Duration base_;
  Duration target_;
};

}  // namespace swarmcast::link
