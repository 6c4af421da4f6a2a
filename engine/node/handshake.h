// The link proof's exchange on one link (spec/link-handshake.md): HELLO1 ->, <- HELLO2, HELLO3 ->.
// Messages may be lost: the initiator repeats HELLO1 until HELLO2 comes, and HELLO3 until the
// responder's first control message shows that it has arrived.
#pragma once

#include <optional>

#include "engine/base/contact.h"
#include "engine/base/time.h"
#include "engine/crypto/key_source.h"
#include "engine/crypto/link_proof.h"
#include "engine/wire/hello.h"

namespace swarmcast::node {

class Handshake {
 public:
  enum class State {
    kInProgress,
    kProven,  // the other end is who it says, and knows the secret
    kWrongSecret,
    kWrongVersion,
    kWrongPeer,  // not the peer that was to be dialled, or a bad signature
    kFull,       // it has no place for another link
    kTimedOut,
  };
  struct Identity {
    const SigningKey& key;
    const Bytes<16>& secret;
  };

  // `expected`: whom we dialled, where that is known (an invite does not say).
  Handshake(const CryptoProvider& crypto, Identity self, crypto::KeySource& keys,
            crypto::LinkRole role, const Fingerprint& local, const Fingerprint& remote,
            std::optional<PeerId> expected, Instant now);

  // Any message of type 0x30..0x33; others are not for us.
  void on_message(Instant now, ByteSpan message);
  // The other end talks on the link: it has our HELLO3.
  void on_confirmed();
  void on_timeout(Instant now);
  Instant next_timeout() const;

  // The next message to send, if any; valid until the next call.
  std::optional<ByteSpan> poll(Instant now);

  State state() const { return state_; }
  const PublicKey& remote_key() const { return remote_end().key; }
  PeerId remote_id() const;

 private:
  const crypto::LinkEnd& remote_end() const;
  crypto::LinkEnd& local_end();
  void on_hello1(ByteSpan message);
  void on_hello2(ByteSpan message);
  void on_hello3(ByteSpan message);
  void refuse(wire::HelloRefused::Reason reason, State state);
  void conclude(crypto::ProofCheck check);
  crypto::LinkProof proof(crypto::LinkRole role) const;

  const CryptoProvider& crypto_;
  Identity self_;
  crypto::LinkRole role_;
  crypto::LinkTranscript transcript_;
  std::optional<PeerId> expected_;
  Instant deadline_;
  Instant resend_at_ = Instant::never();
  Duration resend_delay_;
  State state_ = State::kInProgress;
  bool answered_ = false;   // responder: HELLO1 seen; initiator: HELLO2 seen
  bool confirmed_ = false;  // the other end has our last message
  Bytes<wire::Hello2::kSize> message_{};
  size_t message_size_ = 0;
  bool pending_ = false;
};

}  // namespace swarmcast::node
