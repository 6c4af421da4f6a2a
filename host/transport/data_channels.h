// Which SCTP stream carries which lane of a link (spec/data-channels.md): the two agreed channels,
// those that the peer has opened, or those that we have.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "host/transport/link.h"

namespace swarmcast::transport {

inline constexpr uint16_t kMaxStreams = 16;  // each way; 1,024 would cost 104 KB more a link
inline constexpr uint16_t kMediaStream = 0;
inline constexpr uint16_t kControlStream = 1;
inline constexpr const char* kMediaLabel = "media";
inline constexpr const char* kControlLabel = "control";

class DataChannels {
 public:
  // `opens`: this side opens the channels; streams by its DTLS role (RFC 8832, 6).
  DataChannels(bool opens, bool dtls_client);

  struct Message {
    uint16_t stream = 0;
    std::vector<uint8_t> bytes;
  };
  // What to send once the association is up: nothing unless this side opens the channels.
  std::vector<Message> openings() const;
  // Takes a DCEP message; gives the one that answers it. Anything malformed or out of place is
  // ignored, as is a channel that opens a stream a second time.
  std::optional<Message> receive(uint16_t stream, ByteSpan dcep);

  // True if messages may be sent: no opening of ours waits for its answer.
  bool ready() const { return awaited_ == 0; }
  uint16_t stream(Lane lane) const;
  Lane lane(uint16_t stream) const;
  // The peer has opened a channel on which nothing may be skipped.
  bool keeps_order() const { return keeps_order_; }

 private:
  bool opens_;
  uint16_t own_media_;
  uint16_t own_control_;
  uint32_t awaited_ = 0;  // a bit a stream
  uint32_t opened_ = 0;   // by the peer
  bool keeps_order_ = false;
  std::optional<uint16_t> peer_media_, peer_control_;
};

static_assert(kMaxStreams <= 32, "a bit each");

}  // namespace swarmcast::transport
