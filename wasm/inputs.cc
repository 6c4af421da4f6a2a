#include <bit>

#include "engine/base/byte_io.h"
#include "engine/base/check.h"
#include "engine/wire/contact.h"
#include "engine/wire/link_description.h"
#include "wasm/engine_state.h"
#include "wasm/host_crypto.h"

namespace swarmcast::wasm {

constinit State state{};

Engine& engine() {
  SWARMCAST_CHECK(state.engine != nullptr);
  return *state.engine;
}

namespace {

ByteSpan received(size_t size) {
  SWARMCAST_CHECK(size <= kInboxSize);
  return ByteSpan(state.inbox).first(size);
}

void give(double now, const Input& input) { engine().handle(instant(now), input); }

StreamDescription read_stream(ByteReader& in) {
  StreamDescription stream;
  stream.width = in.u16();
  stream.height = in.u16();
  stream.fps = in.u8();
  stream.audio_channels = in.u8();
  stream.playout = Duration::millis(in.u16());
  stream.codec = static_cast<VideoCodec>(in.u8());
  return stream;
}

EngineOptions read_options(ByteSpan bytes) {
  ByteReader in(bytes);
  EngineOptions o;
  o.role = static_cast<Role>(in.u8());
  const uint8_t flags = in.u8();
  o.listening = flags & kListening;
  o.browser = flags & kBrowser;
  o.can_reach_gateways = flags & kCanReachGateways;
  o.parent_only = flags & kParentOnly;
  o.secret = in.array<16>();
  o.source_key_hash = in.array<16>();
  o.listen_fingerprint = in.array<32>();
  Contact entry;
  entry.endpoint = wire::read_endpoint(in);
  entry.fingerprint = in.array<32>();
  if (flags & kHasEntry) o.entry = entry;
  o.max_places = in.u16();
  const uint16_t playout = in.u16();
  if (playout != 0) o.playout = Duration::millis(playout);
  o.stream = read_stream(in);
  o.bitrate = DataRate::bps(in.u32());
  o.seed = in.array<32>();
  SWARMCAST_CHECK(in.finished());
  return o;
}

}  // namespace

uint32_t abi_version() { return kAbiVersion; }
uint8_t* inbox() { return state.inbox.data(); }
size_t inbox_size() { return kInboxSize; }

void create(double now) {
  SWARMCAST_CHECK(state.engine == nullptr);
  const MutableByteSpan given = MutableByteSpan(state.inbox).first(kOptionsSize);
  EngineOptions options = read_options(given);
  host_crypto().wipe(given);
  const MutableByteSpan slab(new uint8_t[kSlabSize], kSlabSize);
  state.engine = Engine::create(instant(now), options, host_crypto(), slab).release();
  host_crypto().wipe(options.secret);
  host_crypto().wipe(options.seed);
}

void link_up(double now, uint32_t link, uint32_t ours) {
  ByteReader in(received(kLinkUpSize));
  input::LinkUp up{.link = LinkId(link), .ours = ours != 0};
  up.local_fingerprint = in.array<32>();
  up.remote_fingerprint = in.array<32>();
  up.remote = wire::read_endpoint(in);
  give(now, up);
}

void link_down(double now, uint32_t link) { give(now, input::LinkDown{LinkId(link)}); }

void datagram(double now, uint32_t link, size_t size, double arrived) {
  give(now, input::Datagram{LinkId(link), received(size), instant(arrived)});
}

uint32_t local_description(double now, uint32_t link, size_t size) {
  ByteReader in(received(size));
  const auto description = wire::read_link_description(in);
  if (!description || !in.finished()) return 0;
  give(now, input::LocalDescription{LinkId(link), *description});
  return 1;
}

void path_up(double now, uint32_t path, uint32_t to_entry) {
  give(now, input::SignalPathUp{SignalPathId(path), to_entry != 0});
}

void path_down(double now, uint32_t path) { give(now, input::SignalPathDown{SignalPathId(path)}); }

void signal(double now, uint32_t path, size_t size) {
  give(now, input::Signal{SignalPathId(path), received(size)});
}

void publish(double now, uint32_t bits, size_t size, double captured) {
  give(now, input::PublishFrame{{.track = TrackId(static_cast<uint8_t>(bits)),
                                 .index_in_chunk = static_cast<uint8_t>(bits >> 8),
                                 .temporal_id = static_cast<uint8_t>(bits >> 16 & 15),
                                 .key = (bits >> 28 & 1) != 0,
                                 .depends_on = static_cast<uint8_t>(bits >> 20),
                                 .payload = received(size)},
                                instant(captured)});
}

void need_key_frame(double now) { give(now, input::NeedKeyFrame{}); }
void set_places(double now, uint32_t places) { give(now, input::SetPlaces{places}); }
void stop(double now) { give(now, input::Stop{}); }
void timeout(double now) { give(now, input::Timeout{}); }

}  // namespace swarmcast::wasm
