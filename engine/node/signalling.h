// Links to peers that nobody can dial: knocks, answers, descriptions, sealed and sent through
// others; and the passing on of other peers' signals (spec/signalling.md). It decides; the node
// acts.
//
//   signalling.cc        what comes in, what is passed on, when
//   signalling_calls.cc  our own calls, made and received
//   signalling_paths.cc  external paths and their greeting
#pragma once

#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "engine/api/options.h"
#include "engine/api/stats.h"
#include "engine/base/link_description.h"
#include "engine/base/token_bucket.h"
#include "engine/crypto/key_source.h"
#include "engine/crypto/path_greeting.h"
#include "engine/crypto/signal_box.h"
#include "engine/overlay/routes.h"
#include "engine/wire/body.h"

namespace swarmcast::node {

using overlay::Step;

namespace signalling_action {

struct Send {
  Step to;
  std::vector<uint8_t> bytes;
};
// A link to `peer` is wanted, whose other end will be described.
struct Prepare {
  LinkId link;
  PeerId peer;
  bool initiator = false;
  bool listener_certificate = false;
};
struct Describe {
  LinkId link;
  LinkDescription description;
};
// The link will not come about.
struct GiveUp {
  LinkId link;
};
// Our entry can be knocked now.
struct EntryKnown {
  PeerRecord record;
};

}  // namespace signalling_action

class Signalling {
 public:
  struct Moment {
    Instant now;
    std::optional<StreamTime> stream;  // where it is known
    bool room_for_link = true;
  };
  using Action =
      std::variant<signalling_action::Send, signalling_action::Prepare, signalling_action::Describe,
                   signalling_action::GiveUp, signalling_action::EntryKnown>;

  // All outlive it.
  Signalling(const CryptoProvider& crypto, const EngineOptions& options, const SigningKey& identity,
             const PeerId& self, crypto::KeySource& keys, SignalCounts& counts);
  ~Signalling();
  Signalling(const Signalling&) = delete;
  Signalling& operator=(const Signalling&) = delete;

  const PeerRecord& record() const { return record_; }

  // --- neighbours
  void on_neighbour(const PeerId& peer, LinkId link);
  // Any body of a neighbour's: whom it names, it is the step to.
  void on_body(Instant now, LinkId from, const wire::Body& body);
  // A link is gone, whatever it was.
  void on_link_gone(LinkId link);

  // --- our own links
  // `link` is named by the caller of this; answered by Prepare or GiveUp.
  void knock(const Moment& at, LinkId link, const Contact& to);
  void on_local_description(const Moment& at, LinkId link, const LinkDescription& description);
  // False: it is not what was described, or its network has enough of them. Close it.
  bool on_link_up(LinkId link, const Endpoint& remote, const Fingerprint& certificate);

  // --- signals
  void on_signal(const Moment& at, LinkId from, ByteSpan bytes);
  void on_path_up(Instant now, SignalPathId path, bool to_entry);
  void on_path_down(SignalPathId path);
  void on_path_message(const Moment& at, SignalPathId path, ByteSpan bytes);
  bool has_path_to_entry() const;

  void on_timeout(const Moment& at);
  Instant next_timeout() const;
  std::optional<Action> poll();

 private:
  // A link under way.
  struct Call {
    LinkId link;
    bool caller = false;
    PeerId peer;
    PublicKey identity{};
    BoxKey box_key{};
    wire::AttemptId attempt{};
    bool listener_certificate = false;
    std::optional<Fingerprint> certificate;  // that it must show
    Step inviter;                            // the neighbour or path its KNOCK came through
    bool accepted = false;
    std::optional<LinkDescription> local, remote;
    uint8_t local_revision = 0, remote_revision = 0;
    int sent = 0;
    Instant repeat_at = Instant::never();
    Instant deadline;
  };
  struct Path {
    SignalPathId id;
    bool to_entry = false;
    crypto::GreetingNonce asked{};
    int asks = 0;
    Instant ask_at = Instant::never();
    std::optional<PeerId> peer;  // known once greeted
  };
  struct Source {  // of signals
    Step step;
    TokenBucket signals{overlay::kSignalRate, overlay::kSignalBurst};
    TokenBucket accepted{overlay::kAcceptRatePerInviter, 2 * overlay::kAcceptRatePerInviter};
  };
  struct Guest {  // a caller that has got its link
    LinkId link;
    Endpoint network;
  };

  template <typename A>
  void act(A action) {
    actions_.emplace_back(std::move(action));
  }
  // signalling.cc
  Source& source(Step step);
  void remember(const Bytes<32>& ephemeral_key);
  const PublicKey* sender_of(const wire::SignalView& signal, const wire::SignalText& text);
  bool is_timely(const Moment& at, const wire::SignalText& text) const;
  void receive(const Moment& at, Step from, ByteSpan bytes);
  void pass_on(Instant now, Step from, const wire::SignalView& signal, ByteSpan bytes);
  void open(const Moment& at, Step from, const wire::SignalView& signal);
  void forget(Step step);

  // signalling_calls.cc
  Call* find(LinkId link);
  Call* find(const PeerId& peer, const wire::AttemptId& attempt);
  void dispatch(const Moment& at, Step from, const PeerId& sender, const wire::SignalText& text);
  void on_knock(const Moment& at, Step from, Call call);
  // Why not, if not; nothing at all if the rate forbids even to answer.
  enum class Verdict { kYes, kNoPlace, kBusy, kSilence };
  Verdict judge(const Moment& at, Step inviter);
  void on_accepted(Call& call, const wire::Accepted& accepted);
  // False if it says nothing new, or nothing that can be true.
  bool is_news(const Call& call, uint8_t revision, const LinkDescription& description);
  void on_described(Call& call, uint8_t revision, const LinkDescription& description);
  void send(const Moment& at, const Call& call, decltype(wire::SignalText::content) content);
  void send_latest(const Moment& at, Call& call);
  void end(LinkId link);

  // signalling_paths.cc
  Path* find(SignalPathId path);
  void ask(Instant now, Path& path);
  void on_greeting(Path& path, const wire::GreetingView& greeting);

  const CryptoProvider& crypto_;
  const EngineOptions& options_;
  crypto::KeySource& keys_;
  SignalCounts& counts_;
  Bytes<32> box_secret_;
  crypto::SignalKeys self_;
  PeerRecord record_;

  overlay::Routes routes_;
  std::vector<Source> sources_;
  TokenBucket forwarded_{overlay::kForwardRate, overlay::kForwardBurst};
  TokenBucket accepted_{overlay::kAcceptRate, 2 * overlay::kAcceptRate};
  std::vector<Bytes<32>> seen_;  // ephemeral keys, a ring
  size_t next_seen_ = 0;
  std::vector<Call> calls_;
  std::vector<Guest> guests_;
  std::vector<Path> paths_;
  uint32_t answered_ = 0;
  std::deque<Action> actions_;
};

}  // namespace swarmcast::node
