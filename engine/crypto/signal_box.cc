#include "engine/crypto/signal_box.h"

#include "engine/crypto/identity.h"
#include "engine/crypto/kdf.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kKeyLabel = "swarmcast signal v1";
constexpr Label kSenderLabel = "swarmcast signal sender v1";
constexpr size_t kSenderLabelSize = 27;
constexpr size_t kContextSize = 16 + 16 + 32 + 32;

// to || from || ephemeral key || addressee's box key
Bytes<kContextSize> context_of(const wire::SignalView& signal, const BoxKey& box_key) {
  Bytes<kContextSize> bytes;
  ByteWriter out(bytes);
  out.bytes(signal.to.bytes);
  out.bytes(signal.from.bytes);
  out.bytes(signal.ephemeral_key);
  out.bytes(box_key);
  return bytes;
}

Bytes<32> key_of(const CryptoProvider& crypto, const Bytes<16>& secret, const Bytes<32>& shared,
                 ByteSpan context) {
  Bytes<48> key;
  ByteWriter out(key);
  out.bytes(secret);
  out.bytes(shared);
  const Bytes<32> derived = derive(crypto, key, kKeyLabel, context);
  crypto.wipe(key);
  return derived;
}

using Statement = Bytes<kSenderLabelSize + kContextSize + wire::kSignedTextSize>;

Statement statement(ByteSpan context, ByteSpan signed_text) {
  Statement bytes;
  ByteWriter out(bytes);
  out.bytes(kSenderLabel.bytes());
  out.bytes(context);
  out.bytes(signed_text);
  SWARMCAST_CHECK(out.space() == 0);
  return bytes;
}

// Every key seals one text only.
constexpr Bytes<12> kNonce{};

}  // namespace

Bytes<wire::kSignalSize> seal_signal(const CryptoProvider& crypto, const SignalKeys& self,
                                     const PeerId& to, const BoxKey& box_key,
                                     const Bytes<32>& ephemeral_secret,
                                     const wire::SignalText& text) {
  Bytes<wire::kSignalSize> signal{};
  Bytes<32> shared;
  if (!crypto.exchange(shared, ephemeral_secret, box_key)) return signal;
  const wire::SignalView header{.hops = wire::kMaxSignalHops,
                                .to = to,
                                .from = self.id,
                                .ephemeral_key = crypto.exchange_public_key(ephemeral_secret)};
  wire::write_signal_header(signal, header);
  const auto context = context_of(header, box_key);
  Bytes<wire::kSignalTextSize> plain;
  ByteWriter out(plain);
  out.bytes(wire::encode_signal_text(text));
  const auto signed_bytes = statement(context, out.written());
  out.bytes(crypto.sign(self.identity, signed_bytes));
  Bytes<32> key = key_of(crypto, self.swarm_secret, shared, context);
  crypto.seal(MutableByteSpan(signal).subspan(wire::kSignalHeaderSize), key, kNonce, {}, plain);
  crypto.wipe(shared);
  crypto.wipe(key);
  crypto.wipe(plain);
  return signal;
}

std::optional<OpenedSignal> open_signal(const CryptoProvider& crypto, const SignalKeys& self,
                                        const wire::SignalView& signal) {
  Bytes<32> shared;
  if (signal.to != self.id || signal.sealed.size() != wire::kSignalTextSize + kAeadTagSize ||
      !crypto.exchange(shared, self.box_secret, signal.ephemeral_key))
    return std::nullopt;
  Bytes<32> key = key_of(crypto, self.swarm_secret, shared, context_of(signal, self.box_key));
  OpenedSignal opened;
  const bool genuine = crypto.open(opened.bytes, key, kNonce, {}, signal.sealed);
  crypto.wipe(shared);
  crypto.wipe(key);
  if (!genuine) return std::nullopt;
  const auto text = wire::parse_signal_text(ByteSpan(opened.bytes).first(wire::kSignedTextSize));
  if (!text) return std::nullopt;
  opened.text = *text;
  return opened;
}

bool is_from(const CryptoProvider& crypto, const PublicKey& identity, const SignalKeys& self,
             const wire::SignalView& signal, const OpenedSignal& opened) {
  if (peer_id(crypto, identity) != signal.from) return false;
  ByteReader in(opened.bytes);
  const ByteSpan text = in.bytes(wire::kSignedTextSize);
  const auto signature = in.array<kSignatureSize>();
  return crypto.verify(identity, statement(context_of(signal, self.box_key), text), signature);
}

}  // namespace swarmcast::crypto
