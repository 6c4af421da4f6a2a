// All ways of a session together: the gateway that it serves, and the one it joins through.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/base/contact.h"
#include "host/rendezvous/gateway_client.h"
#include "host/rendezvous/gateway_server.h"

namespace swarmcast::rendezvous {

class Signalling {
 public:
  // How soon a gateway is asked again.
  static constexpr Duration kRetryInterval = Duration::seconds(2);

  // Both outlive this.
  Signalling(Loop& loop, SignalEvents& events, Duration retry_interval = kRetryInterval);

  // Opens the gateway at that address and port, TCP, with that web app. A sentence for the user if
  // that fails: all else works without it.
  [[nodiscard]] std::optional<std::string> serve(const Endpoint& where, const WebBundle& web = {});

  // Opens a way to the entry of an invite through the gateway at `origin`, or if that is empty, at
  // the entry's own address, in the loop's next turn. Does nothing while there is a way, or soon
  // after one has failed.
  // With a topic, through the meeting place of that gateway.
  void seek(const std::string& origin, const Endpoint& entry,
            const std::optional<MeetingTopic>& meeting = std::nullopt);
  // The way has done its work: frees the place at the gateway, in the loop's next turn.
  void leave();

  // False if the message was dropped.
  bool send(SignalPathId path, ByteSpan message);

  // The way to the entry; null before the first.
  const Rendezvous* way() const { return client_.get(); }
  // Null if it is not served.
  const GatewayServer* gateway() const { return server_.get(); }

 private:
  Loop& loop_;
  SignalEvents& events_;
  const Duration retry_interval_;
  PathNumbers numbers_;
  std::unique_ptr<GatewayServer> server_;
  std::unique_ptr<GatewayClient> client_;
  std::optional<Instant> last_try_;
  GatewayAddress wanted_;
  Loop::Timer open_;
  Loop::Timer leave_;
};

}  // namespace swarmcast::rendezvous
