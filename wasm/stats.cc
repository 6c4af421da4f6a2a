#include "engine/base/check.h"
#include "wasm/engine_state.h"

namespace swarmcast::wasm {
namespace {

Bytes<16> id;

struct Row {
  double* next;
  template <typename... Values>
  void add(Values... values) {
    ((*next++ = static_cast<double>(values)), ...);
  }
};

std::array<double, kStatCount> row;

}  // namespace

size_t stat_count() { return kStatCount; }

const double* stats(double now) {
  const EngineStats s = engine().stats(instant(now));
  Row out{row.data()};
  out.add(s.peers, s.parents, s.children, s.hop, s.deepest, to_ms(s.longest_delay), s.witnesses);
  out.add(s.frames.expected, s.frames.on_time, s.frames.late, s.frames.missing,
          s.frames.undecodable);
  out.add(s.repair.nak_sent, s.repair.nak_answered, s.repair.fec_recovered, s.repair.spurious);
  out.add(s.bytes.media_in, s.bytes.media_again, s.bytes.media_out, s.bytes.message_in,
          s.bytes.message_out);
  out.add(s.drops.malformed, s.drops.forged, s.drops.replayed, s.drops.too_late, s.drops.unexpected,
          s.drops.over_limit);
  out.add(s.signals.sent, s.signals.forwarded, s.signals.accepted, s.signals.malformed,
          s.signals.forged, s.signals.replayed, s.signals.over_limit, s.signals.no_way);
  out.add(s.loss, to_ms(s.playout), to_ms(s.clock_error), s.media_rate.bps(), s.target_rate.bps(),
          s.send_rate.bps(), s.competes, s.shedding);
  SWARMCAST_CHECK(out.next == row.data() + row.size());
  return row.data();
}

double stream_time(double now) {
  const auto time = engine().stream_time(instant(now));
  return time ? static_cast<double>(time->us()) : std::numeric_limits<double>::quiet_NaN();
}

const uint8_t* source_key_hash() {
  id = engine().source_key_hash();
  return id.data();
}

const uint8_t* peer_id() {
  id = engine().peer_id().bytes;
  return id.data();
}

}  // namespace swarmcast::wasm
