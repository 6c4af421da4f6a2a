// A joiner's way to its invite's entry: the entry's gateway, ws://HOST:PORT/signal, or a meeting
// place at another one, /meet/TOPIC; wss: where the invite's page is https.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/loop/loop.h"
#include "host/rendezvous/rendezvous.h"
#include "host/rendezvous/web_socket_path.h"

namespace swarmcast::rendezvous {

struct GatewayAddress {
  std::string host;  // a name or an address, without brackets
  uint16_t port = 0;
  bool secure = false;
  std::string path = "/signal";
};
// Of an invite's origin, "http://HOST[:PORT]" or "https://HOST[:PORT]"; nullopt for anything else.
std::optional<GatewayAddress> parse_origin(const std::string& origin);

struct GatewayClientLimits {
  Duration opening = Duration::seconds(10);  // from the start to the open path
  size_t response = 4 << 10;                 // bytes of the answer's head
  PathLimits path;
};

class GatewayClient final : public Rendezvous {
 public:
  // Starts at once. All but `address` and `limits` must outlive the client. A name is resolved by
  // the system's resolver, which so learns it.
  GatewayClient(Loop& loop, PathNumbers& numbers, SignalEvents& events,
                const GatewayAddress& address, const GatewayClientLimits& limits = {});
  // No callbacks.
  ~GatewayClient() override;

  std::string_view name() const override { return "gateway"; }
  State state() const override;
  const std::string& error() const override;
  bool send(ByteSpan message) override;
  void cancel() override;
  // The path, while it is open.
  std::optional<SignalPathId> path() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // what is under way in GLib holds weak references
};

}  // namespace swarmcast::rendezvous
