// The engine's C ABI for a browser: what web/core/engine.ts calls, one module instance an engine.
//
//   copy the input's bytes to inbox(); call one of the inputs;
//   while (poll(now)) carry out what is in output();
//   call timeout(now) at next_timeout().
//
// Times are milliseconds of the host's monotonic clock as f64, +infinity for never. Integers in the
// inbox and in an output's data are big-endian; Output and the counters are the processor's own.
// Views of memory are worthless after any call: memory may have grown.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/limits.h"

namespace swarmcast::wasm {

#define SWARMCAST_EXPORT(name) extern "C" __attribute__((export_name(#name)))

// Grows with every change of what is below.
inline constexpr uint32_t kAbiVersion = 2;
// The longest input is a frame to publish.
inline constexpr size_t kInboxSize = kMaxFrameSize;
inline constexpr size_t kSlabSize = 8 << 20;

// The inbox for create():
//
//   | role u8 | flags u8 | secret (16) | source key hash (16) | listen fingerprint (32)
//   | entry: ip (16), port u16, fingerprint (32) | places u16 | playout u16 ms, 0: automatic
//   | width u16 | height u16 | fps u8 | channels u8 | playout u16 ms | codec u8 | bitrate u32
//   | seed (32) |
//
// Roles: 0 source, 1 viewer, 2 relay.
enum CreateFlag : uint8_t {
  kListening = 1,
  kBrowser = 2,
  kCanReachGateways = 4,
  kParentOnly = 8,
  kHasEntry = 16,
};
inline constexpr size_t kOptionsSize = 1 + 1 + 16 + 16 + 32 + 18 + 32 + 2 + 2 + 9 + 4 + 32;

// The inbox for link_up(): | local fingerprint (32) | remote fingerprint (32) | ip (16) | port u16
// |
inline constexpr size_t kLinkUpSize = 32 + 32 + 18;

enum class OutputKind : uint32_t {
  kTransmit = 1,  // id link, a lane (0 media, 1 control), data the message
  kOpenLink,      // id link, data a contact: | peer (16) | ip (16) | port u16 | fingerprint (32) |
  kPrepareLink,   // id link, a initiator, b the listener's certificate
  kRemoteDescription,  // id link, data a link description (spec/signalling.md)
  kCloseLink,          // id link
  kNeedSignalPath,
  kSendSignal,  // id path, data the message
  kFrame,       // id number, a frame bits, b show | late << 1, data the payload,
                // time present_at, stream_time capture
  kKeyFrameWanted,
  kEncoderHint,      // id bits per second, a sound only
  kStreamKnown,      // data | width u16 | height u16 | fps u8 | channels u8 | playout u16 ms
                     //      | codec u8 |
  kLinkChanged,      // id link, a direction, b state, data | peer (16) | ip (16) | port u16 |,
                     // time the RTT
  kAddressObserved,  // data | ip (16) | port u16 |
  kEnded,            // a reason, in the order of output::EndReason
};

// Of a frame: track | index in chunk << 8 | temporal id << 16 | depends on << 20 | key << 28
inline constexpr uint32_t frame_bits(uint32_t track, uint32_t index, uint32_t temporal,
                                     uint32_t depends_on, bool key) {
  return track | index << 8 | temporal << 16 | depends_on << 20 | (key ? 1u << 28 : 0);
}

struct Output {
  OutputKind kind;
  uint32_t id;
  uint32_t a;
  uint32_t b;
  const uint8_t* data;  // valid until the next call
  uint32_t size;
  double time;         // ms
  double stream_time;  // microseconds since the stream began
};

SWARMCAST_EXPORT(abi_version) uint32_t abi_version();
SWARMCAST_EXPORT(inbox) uint8_t* inbox();
SWARMCAST_EXPORT(inbox_size) size_t inbox_size();

// Once. The options are wiped from the inbox.
SWARMCAST_EXPORT(create) void create(double now);

// Inputs, as engine/api/input.h has them. `size`: how many bytes of the inbox.
SWARMCAST_EXPORT(link_up) void link_up(double now, uint32_t link, uint32_t ours);
SWARMCAST_EXPORT(link_down) void link_down(double now, uint32_t link);
SWARMCAST_EXPORT(datagram) void datagram(double now, uint32_t link, size_t size, double arrived);
// 0 and nothing happens if the inbox holds no link description.
SWARMCAST_EXPORT(local_description)
uint32_t local_description(double now, uint32_t link, size_t size);
SWARMCAST_EXPORT(path_up) void path_up(double now, uint32_t path, uint32_t to_entry);
SWARMCAST_EXPORT(path_down) void path_down(double now, uint32_t path);
SWARMCAST_EXPORT(signal) void signal(double now, uint32_t path, size_t size);
SWARMCAST_EXPORT(publish) void publish(double now, uint32_t bits, size_t size, double captured);
SWARMCAST_EXPORT(need_key_frame) void need_key_frame(double now);
SWARMCAST_EXPORT(set_places) void set_places(double now, uint32_t places);
SWARMCAST_EXPORT(stop) void stop(double now);
SWARMCAST_EXPORT(timeout) void timeout(double now);

// Null when there is nothing left to do.
SWARMCAST_EXPORT(poll) const Output* poll(double now);
SWARMCAST_EXPORT(next_timeout) double next_timeout();

// kStatCount doubles in the order of the fields of EngineStats; times in ms, rates in bits a
// second.
inline constexpr size_t kStatCount = 43;
SWARMCAST_EXPORT(stat_count) size_t stat_count();
SWARMCAST_EXPORT(stats) const double* stats(double now);
// Microseconds since the stream began, as far as we know; NaN until then.
SWARMCAST_EXPORT(stream_time) double stream_time(double now);
// 16 bytes each.
SWARMCAST_EXPORT(source_key_hash) const uint8_t* source_key_hash();
SWARMCAST_EXPORT(peer_id) const uint8_t* peer_id();

}  // namespace swarmcast::wasm
