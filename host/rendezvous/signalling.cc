#include "host/rendezvous/signalling.h"

#include "host/transport/endpoint_text.h"

namespace swarmcast::rendezvous {

Signalling::Signalling(Loop& loop, SignalEvents& events, Duration retry_interval)
    : loop_(loop),
      events_(events),
      retry_interval_(retry_interval),
      open_(
          loop,
          [this] { client_ = std::make_unique<GatewayClient>(loop_, numbers_, events_, wanted_); }),
      leave_(loop, [this] {
        if (client_) client_->cancel();
      }) {}

std::optional<std::string> Signalling::serve(const Endpoint& where, const WebBundle& web) {
  auto server = std::make_unique<GatewayServer>(loop_, numbers_, events_, web);
  if (auto problem = server->listen(where)) return problem;
  server_ = std::move(server);
  return std::nullopt;
}

// Often called while the former way reports that it is gone: it must not go under its own feet.
void Signalling::seek(const std::string& origin, const Endpoint& entry,
                      const std::optional<MeetingTopic>& meeting) {
  const Instant now = Loop::now();
  if (last_try_ && now < *last_try_ + retry_interval_) return;
  const bool busy = client_ && (client_->state() == Rendezvous::State::kTrying ||
                                client_->state() == Rendezvous::State::kOpen);
  if (busy) return;
  const auto address =
      parse_origin(origin.empty() ? "http://" + transport::to_text(entry) : origin);
  if (!address) return;
  last_try_ = now;
  wanted_ = *address;
  if (meeting) wanted_.path = guest_path(*meeting);
  open_.set(now);
}

// Often called while a message of that very way is handled: it must not go under its feet.
void Signalling::leave() {
  open_.cancel();
  if (client_) leave_.set(Loop::now());
}

bool Signalling::send(SignalPathId path, ByteSpan message) {
  if (client_ && client_->path() == path) return client_->send(message);
  return server_ && server_->send(path, message);
}

}  // namespace swarmcast::rendezvous
