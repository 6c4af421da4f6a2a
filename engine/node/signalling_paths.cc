// External paths: a gateway's connections, and whatever else brings signals from those who have no
// link yet. Nothing that comes from one is believed before it opens.
#include <algorithm>

#include "engine/crypto/identity.h"
#include "engine/node/signalling.h"

namespace swarmcast::node {

namespace action = signalling_action;

Signalling::Path* Signalling::find(SignalPathId path) {
  const auto it = std::ranges::find(paths_, path, &Path::id);
  return it == paths_.end() ? nullptr : &*it;
}

bool Signalling::has_path_to_entry() const {
  return std::ranges::count(paths_, true, &Path::to_entry) > 0;
}

void Signalling::on_path_up(Instant now, SignalPathId path, bool to_entry) {
  if (find(path) || paths_.size() >= overlay::kMaxSignalPaths) {
    ++counts_.over_limit;
    return;
  }
  paths_.push_back({.id = path, .to_entry = to_entry});
  if (to_entry) ask(now, paths_.back());
}

void Signalling::on_path_down(SignalPathId path) {
  std::erase_if(paths_, [&](const Path& p) { return p.id == path; });
  forget(Step::over(path));
}

void Signalling::ask(Instant now, Path& path) {
  if (path.asks == 0) path.asked = keys_.take<32>();
  const bool again = ++path.asks < overlay::kSignalTries;
  path.ask_at = again ? now + overlay::kSignalRepeat : Instant::never();
  const auto bytes = crypto::seal_ask(crypto_, options_.secret, path.asked, record_);
  act(action::Send{Step::over(path.id), {bytes.begin(), bytes.end()}});
}

void Signalling::on_path_message(const Moment& at, SignalPathId id, ByteSpan bytes) {
  Path* path = find(id);
  if (!path) return;
  if (!bytes.empty() && bytes[0] == wire::kSignalType) {
    // A stranger may say nothing but the greeting; a joiner speaks for itself only.
    const auto signal = wire::parse_signal(bytes);
    const bool allowed = signal && path->peer &&
                         (path->to_entry ? signal->to == self_.id : signal->from == *path->peer);
    if (!allowed) {
      ++counts_.malformed;
      return;
    }
    return receive(at, Step::over(id), bytes);
  }
  const auto greeting = wire::parse_greeting(bytes);
  if (!greeting || greeting->answer != path->to_entry) {
    ++counts_.malformed;
    return;
  }
  if (!source(Step::over(id)).signals.take(at.now)) {
    ++counts_.over_limit;
    return;
  }
  on_greeting(*path, *greeting);
}

void Signalling::on_greeting(Path& path, const wire::GreetingView& greeting) {
  if (path.to_entry && path.peer) return;  // answered already
  const auto record = path.to_entry
                          ? crypto::open_answer(crypto_, options_.secret, path.asked, greeting)
                          : crypto::open_ask(crypto_, options_.secret, greeting);
  if (!record || record->identity == record_.identity) {
    ++counts_.malformed;
    return;
  }
  path.peer = crypto::peer_id(crypto_, record->identity);
  if (path.to_entry) {
    path.ask_at = Instant::never();
    routes_.add_neighbour(*path.peer, Step::over(path.id));
    return act(action::EntryKnown{*record});
  }
  const auto bytes =
      crypto::seal_answer(crypto_, options_.secret, greeting.nonce, keys_.take<32>(), record_);
  act(action::Send{Step::over(path.id), {bytes.begin(), bytes.end()}});
}

}  // namespace swarmcast::node
