// RECORD: "this is how you name me to others". First word of both ends.
//
//   | 0x0d | record (129) |
#pragma once

#include <optional>

#include "engine/wire/peer_record.h"

namespace swarmcast::wire::body {

struct Record {
  static constexpr uint8_t kType = 0x0d;
  static constexpr const char* kName = "RECORD";

  PeerRecord record;

  void write(ByteWriter& out) const { write_peer_record(out, record); }
  static std::optional<Record> read(ByteReader& in) {
    const auto record = read_peer_record(in);
    return record ? std::optional(Record{*record}) : std::nullopt;
  }
  bool operator==(const Record&) const = default;
};

}  // namespace swarmcast::wire::body
