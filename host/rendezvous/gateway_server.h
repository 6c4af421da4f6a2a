// The gateway: HTTP and WebSocket on the TCP port with the number of our UDP port, for those who
// cannot dial us directly. The web app at "/", signals at "/signal", meeting places at "/host/" and
// "/meet/", nothing else; strangers are held to limits, and nothing about them is kept.
#pragma once

#include <libsoup/soup.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/contact.h"
#include "host/loop/loop.h"
#include "host/rendezvous/meetings.h"
#include "host/rendezvous/rendezvous.h"
#include "host/rendezvous/web_bundle.h"
#include "host/rendezvous/web_socket_path.h"

namespace swarmcast::rendezvous {

struct GatewayLimits {
  size_t connections = 64;             // in all
  size_t connections_per_address = 8;  // of one IPv4 address or IPv6 /64
  int accepts_per_second = 50;         // beyond that they wait in the kernel's queue
  int accept_burst = 100;
  size_t request = 8 << 10;                       // bytes before the answer: line, headers and body
  Duration request_time = Duration::seconds(10);  // from the first packet to the answer's end,
  size_t slowest_reader = 16 << 10;               // with a second more for each so many bytes
  PathLimits path;
  MeetingLimits meetings;
};

struct GatewayCounters {
  uint64_t connections = 0;
  uint64_t refused = 0;    // over a limit on connections
  uint64_t timed_out = 0;  // no whole request in time
  uint64_t paths = 0;      // to us
  uint64_t meetings = 0;   // pairs of strangers brought together
  PathCounters path;
};

class GatewayServer final : private WebSocketPath::Owner {
 public:
  // All but `web` and `limits` must outlive the server.
  GatewayServer(Loop& loop, PathNumbers& numbers, SignalEvents& events, const WebBundle& web = {},
                const GatewayLimits& limits = {});
  // Closes everything; no callbacks.
  ~GatewayServer() override;

  // Opens the TCP port; a sentence if that is not possible. Once.
  [[nodiscard]] std::optional<std::string> listen(const Endpoint& where);
  const Endpoint& local_endpoint() const { return local_; }

  // False if it was dropped, or the path is not to us.
  bool send(SignalPathId path, ByteSpan message);
  // Ends a path of ours; on_path_down follows.
  void close(SignalPathId path);
  const GatewayCounters& counters() const { return counters_; }
  size_t connections() const { return connections_.size(); }

 private:
  struct Connection;
  using AddressKey = std::array<uint8_t, 16>;

  void on_acceptable();
  void pause_accepting(Duration time);
  void accept(int fd, const Endpoint& from);
  bool has_room(const AddressKey& address) const;
  void hand_to_soup(Connection& connection);
  static Connection* connection_of(SoupServerMessage* message);
  static void on_request_started(SoupServer*, SoupServerMessage* message, gpointer);
  static void on_request(SoupServer*, SoupServerMessage* message, const char* path, GHashTable*,
                         gpointer self);
  static void on_web_socket(SoupServer*, SoupServerMessage* message, const char* path,
                            SoupWebsocketConnection* socket, gpointer self);
  void enter_meeting(SignalPathId path, const MeetingPlace& place);
  static void on_stream_gone(gpointer connection, GObject*);

  // WebSocketPath::Owner
  void on_message(WebSocketPath& path, ByteSpan message) override;
  void on_closed(WebSocketPath& path) override;

  Loop& loop_;
  PathNumbers& numbers_;
  SignalEvents& events_;
  const WebBundle web_;
  const GatewayLimits limits_;
  GatewayCounters counters_;
  Endpoint local_;
  int fd_ = -1;
  MessageRate accepts_;
  Loop::Timer resume_;
  std::unique_ptr<Loop::FdWatch> watch_;
  GObjectPtr<SoupServer> soup_;
  uint64_t next_connection_ = 0;
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::map<SignalPathId, Connection*> paths_;
  Meetings meetings_;
};

}  // namespace swarmcast::rendezvous
