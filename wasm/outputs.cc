#include "engine/base/byte_io.h"
#include "engine/wire/contact.h"
#include "engine/wire/link_description.h"
#include "wasm/engine_state.h"

namespace swarmcast::wasm {
namespace {

Output with_data(Output output, ByteSpan data) {
  output.data = data.data();
  output.size = static_cast<uint32_t>(data.size());
  return output;
}

Output record(OutputKind kind, uint32_t id = 0, uint32_t a = 0, uint32_t b = 0) {
  return {.kind = kind,
          .id = id,
          .a = a,
          .b = b,
          .data = nullptr,
          .size = 0,
          .time = 0,
          .stream_time = 0};
}

// With data that `write` makes.
template <typename Write>
Output record_of(const Output& output, Write write) {
  ByteWriter out(state.outbox);
  write(out);
  return with_data(output, out.written());
}

Output encode(const output::Transmit& o) {
  return with_data(record(OutputKind::kTransmit, o.link.value(), static_cast<uint32_t>(o.lane)),
                   o.message);
}

Output encode(const output::OpenLink& o) {
  return record_of(record(OutputKind::kOpenLink, o.link.value()), [&](ByteWriter& out) {
    out.bytes(o.contact.peer.bytes);
    wire::write_endpoint(out, o.contact.endpoint);
    out.bytes(o.contact.fingerprint);
  });
}

Output encode(const output::PrepareLink& o) {
  return record(OutputKind::kPrepareLink, o.link.value(), o.initiator, o.listener_certificate);
}

Output encode(const output::RemoteDescription& o) {
  return record_of(record(OutputKind::kRemoteDescription, o.link.value()),
                   [&](ByteWriter& out) { wire::write_link_description(out, o.description); });
}

Output encode(const output::CloseLink& o) { return record(OutputKind::kCloseLink, o.link.value()); }
Output encode(const output::NeedSignalPath&) { return record(OutputKind::kNeedSignalPath); }

Output encode(const output::SendSignal& o) {
  return with_data(record(OutputKind::kSendSignal, o.path.value()), o.bytes);
}

Output encode(const output::Frame& o) {
  const EncodedFrame& f = o.frame;
  Output out = with_data(
      record(OutputKind::kFrame, f.number.value(),
             frame_bits(f.track.value(), f.index_in_chunk, f.temporal_id, f.depends_on, f.key),
             (o.show ? 1 : 0) | (o.late ? 2 : 0)),
      f.payload);
  out.time = to_ms(o.present_at);
  out.stream_time = static_cast<double>(f.capture.us());
  return out;
}

Output encode(const output::KeyFrameWanted&) { return record(OutputKind::kKeyFrameWanted); }

Output encode(const output::EncoderHint& o) {
  return record(OutputKind::kEncoderHint, static_cast<uint32_t>(o.target.bps()), o.sound_only);
}

Output encode(const output::StreamKnown& o) {
  return record_of(record(OutputKind::kStreamKnown), [&](ByteWriter& out) {
    out.u16(o.stream.width);
    out.u16(o.stream.height);
    out.u8(o.stream.fps);
    out.u8(o.stream.audio_channels);
    out.u16(static_cast<uint64_t>(o.stream.playout.ms()));
    out.u8(static_cast<uint8_t>(o.stream.codec));
  });
}

Output encode(const output::LinkChanged& o) {
  const Output base = record(OutputKind::kLinkChanged, o.link.value(),
                             static_cast<uint32_t>(o.direction), static_cast<uint32_t>(o.state));
  Output out = record_of(base, [&](ByteWriter& writer) {
    writer.bytes(o.peer.bytes);
    wire::write_endpoint(writer, o.remote);
  });
  out.time = to_ms(o.rtt);
  return out;
}

Output encode(const output::AddressObserved& o) {
  return record_of(record(OutputKind::kAddressObserved),
                   [&](ByteWriter& out) { wire::write_endpoint(out, o.endpoint); });
}

Output encode(const output::Ended& o) {
  return record(OutputKind::kEnded, 0, static_cast<uint32_t>(o.reason));
}

}  // namespace

const Output* poll(double now) {
  const auto output = engine().poll(instant(now));
  if (!output) return nullptr;
  state.output = std::visit([](const auto& o) { return encode(o); }, *output);
  return &state.output;
}

double next_timeout() { return to_ms(engine().next_timeout()); }

}  // namespace swarmcast::wasm
