#include "host/rendezvous/signalling.h"

#include "host/transport/endpoint_text.h"

namespace swarmcast::rendezvous {
namespace {

// How soon a gateway is asked again.
constexpr Duration kRetryInterval = Duration::seconds(2);

}  // namespace

Signalling::Signalling(Loop& loop, SignalEvents& events)
    : loop_(loop), events_(events), leave_(loop, [this] {
        if (client_) client_->cancel();
      }) {}

std::optional<std::string> Signalling::serve(const Endpoint& where) {
  auto server = std::make_unique<GatewayServer>(loop_, numbers_, events_);
  if (auto problem = server->listen(where)) return problem;
  server_ = std::move(server);
  return std::nullopt;
}

void Signalling::seek(const std::string& origin, const Endpoint& entry) {
  const Instant now = Loop::now();
  if (last_try_ && now < *last_try_ + kRetryInterval) return;
  const bool busy = client_ && (client_->state() == Rendezvous::State::kTrying ||
                                client_->state() == Rendezvous::State::kOpen);
  if (busy) return;
  const auto address =
      parse_origin(origin.empty() ? "http://" + transport::to_text(entry) : origin);
  if (!address) return;
  last_try_ = now;
  client_ = std::make_unique<GatewayClient>(loop_, numbers_, events_, *address);
}

// Often called while a message of that very way is handled: it must not go under its feet.
void Signalling::leave() {
  if (client_) leave_.set(Loop::now());
}

bool Signalling::send(SignalPathId path, ByteSpan message) {
  if (client_ && client_->path() == path) return client_->send(message);
  return server_ && server_->send(path, message);
}

}  // namespace swarmcast::rendezvous
