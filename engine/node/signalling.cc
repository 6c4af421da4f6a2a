#include "engine/node/signalling.h"

#include <algorithm>

#include "engine/crypto/peer_record.h"

namespace swarmcast::node {

namespace action = signalling_action;

Signalling::Signalling(const CryptoProvider& crypto, const EngineOptions& options,
                       const SigningKey& identity, const PeerId& self, crypto::KeySource& keys,
                       SignalCounts& counts)
    : crypto_(crypto),
      options_(options),
      keys_(keys),
      counts_(counts),
      box_secret_(keys.take<32>()),
      self_{.swarm_secret = options.secret,
            .identity = identity,
            .box_secret = box_secret_,
            .id = self,
            .box_key = crypto.exchange_public_key(box_secret_)},
      record_(crypto::sign_record(crypto, identity,
                                  {.box_key = self_.box_key,
                                   .dialable = options.listening,
                                   .browser = options.browser,
                                   .relay = options.max_places > 0})) {}

Signalling::~Signalling() { crypto_.wipe(box_secret_); }

void Signalling::on_neighbour(const PeerId& peer, LinkId link) {
  routes_.add_neighbour(peer, Step::over(link));
}

void Signalling::on_body(Instant now, LinkId from, const wire::Body& message) {
  const auto named = [&](const Contact& contact) {
    if (contact.record && contact.peer != self_.id)
      routes_.on_named(now, contact.peer, Step::over(from));
  };
  if (const auto* b = std::get_if<wire::body::Refer>(&message))
    for (const Contact& c : b->contacts) named(c);
  if (const auto* b = std::get_if<wire::body::Contacts>(&message))
    for (const Contact& c : b->contacts) named(c);
  if (const auto* b = std::get_if<wire::body::Report>(&message))
    for (uint8_t i = 0; i < b->count; ++i) named(b->openings[i].contact);
}

void Signalling::on_link_gone(LinkId link) {
  forget(Step::over(link));
  std::erase_if(calls_, [&](const Call& c) { return c.link == link; });
  std::erase_if(guests_, [&](const Guest& g) { return g.link == link; });
}

void Signalling::forget(Step step) {
  routes_.forget(step);
  std::erase_if(sources_, [&](const Source& s) { return s.step == step; });
}

Signalling::Source& Signalling::source(Step step) {
  const auto it = std::ranges::find(sources_, step, &Source::step);
  if (it != sources_.end()) return *it;
  sources_.push_back({step});  // no more than links and paths
  return sources_.back();
}

void Signalling::on_signal(const Moment& at, LinkId from, ByteSpan bytes) {
  receive(at, Step::over(from), bytes);
}

void Signalling::receive(const Moment& at, Step from, ByteSpan bytes) {
  if (!source(from).signals.take(at.now)) {
    ++counts_.over_limit;
    return;
  }
  const auto signal = wire::parse_signal(bytes);
  if (!signal || signal->from == self_.id) {
    ++counts_.malformed;
    return;
  }
  if (signal->to == self_.id) return open(at, from, *signal);
  pass_on(at.now, from, *signal, bytes);
}

void Signalling::pass_on(Instant now, Step from, const wire::SignalView& signal, ByteSpan bytes) {
  const auto next = routes_.next(now, signal.from, signal.to);
  if (signal.hops == 0 || !next || *next == from) {
    ++counts_.no_way;
    return;
  }
  if (!forwarded_.take(now)) {
    ++counts_.over_limit;
    return;
  }
  routes_.on_signal(now, signal.from, signal.to, from);
  action::Send send{*next, {bytes.begin(), bytes.end()}};
  wire::set_signal_hops(send.bytes, static_cast<uint8_t>(signal.hops - 1));
  ++counts_.forwarded;
  act(std::move(send));
}

// For us. Whatever is wrong with it, nobody is told.
void Signalling::open(const Moment& at, Step from, const wire::SignalView& signal) {
  const auto opened = crypto::open_signal(crypto_, self_, signal);
  if (!opened) {
    ++counts_.malformed;
    return;
  }
  const bool seen = std::ranges::count(seen_, signal.ephemeral_key) > 0;
  if (seen || !is_timely(at, opened->text)) {
    ++counts_.replayed;
    return;
  }
  if (const PublicKey* sender = sender_of(signal, opened->text);
      !sender || !crypto::is_from(crypto_, *sender, self_, signal, *opened)) {
    ++counts_.forged;
    return;
  }
  remember(signal.ephemeral_key);
  dispatch(at, from, signal.from, opened->text);
}

// Only a knock brings its sender's key along.
const PublicKey* Signalling::sender_of(const wire::SignalView& signal,
                                       const wire::SignalText& text) {
  if (const auto* knock = std::get_if<wire::Knock>(&text.content))
    return crypto::check_record(crypto_, signal.from, knock->record) ? &knock->record.identity
                                                                     : nullptr;
  const Call* call = find(signal.from, text.attempt);
  return call ? &call->identity : nullptr;
}

bool Signalling::is_timely(const Moment& at, const wire::SignalText& text) const {
  if (!at.stream || !text.sent) return true;
  const Duration age = *at.stream - *text.sent;
  return age <= overlay::kMaxSignalAge && -age <= overlay::kMaxSignalAge;
}

void Signalling::remember(const Bytes<32>& ephemeral_key) {
  if (seen_.size() < overlay::kSignalMemory)
    seen_.push_back(ephemeral_key);
  else
    seen_[next_seen_++ % overlay::kSignalMemory] = ephemeral_key;
}

void Signalling::on_timeout(const Moment& at) {
  for (Path& path : paths_)
    if (path.ask_at <= at.now) ask(at.now, path);
  std::vector<LinkId> late;
  for (Call& call : calls_) {
    if (call.deadline <= at.now)
      late.push_back(call.link);
    else if (call.repeat_at <= at.now)
      send_latest(at, call);
  }
  for (LinkId link : late) end(link);
}

Instant Signalling::next_timeout() const {
  Instant next = Instant::never();
  for (const Path& path : paths_) next = std::min(next, path.ask_at);
  for (const Call& call : calls_) next = std::min({next, call.deadline, call.repeat_at});
  return next;
}

std::optional<Signalling::Action> Signalling::poll() {
  if (actions_.empty()) return std::nullopt;
  Action out = std::move(actions_.front());
  actions_.pop_front();
  return out;
}

}  // namespace swarmcast::node
