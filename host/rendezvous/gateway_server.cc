#include "host/rendezvous/gateway_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "engine/base/check.h"
#include "host/rendezvous/gateway_page.h"
#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::rendezvous {
namespace {

constexpr const char* kSignalPath = "/signal";
constexpr const char* kConnectionKey = "swarmcast-connection";
// So many newcomers a turn of the loop: links come first.
constexpr int kAcceptsPerTurn = 8;
// After the process has run out of descriptors.
constexpr Duration kBreather = Duration::seconds(1);

std::string why_not_listening(int error, uint16_t port) {
  const std::string number = std::to_string(port);
  const std::string rest =
      " Those who cannot dial this node directly find no way in; all else works.";
  if (error == EADDRINUSE) {
    return "TCP port " + number + " is in use by another program, so there is no gateway." + rest;
  }
  return "TCP port " + number + " cannot be opened (" + strerror(error) +
         "), so there is no gateway." + rest;
}

// IPv6 networks give every customer a /64 at least: it counts as one address.
std::array<uint8_t, 16> key_of(const Endpoint& from) {
  std::array<uint8_t, 16> out = from.ip;
  if (!transport::is_ipv4(from)) std::fill(out.begin() + 8, out.end(), 0);
  return out;
}

}  // namespace

struct GatewayServer::Connection {
  Connection(GatewayServer& s, uint64_t n, const AddressKey& a, GObjectPtr<GSocketConnection> c)
      : server(s),
        number(n),
        address(a),
        tcp(std::move(c)),
        gate(G_IO_STREAM(tcp.get()), s.limits_.request),
        deadline(s.loop_, [this] {
          ++server.counters_.timed_out;
          shut();
        }) {}

  GSocket* socket() const { return g_socket_connection_get_socket(tcp.get()); }
  // libsoup sees the end of the stream, lets go of it, and on_stream_gone() follows.
  void shut() { g_socket_shutdown(socket(), TRUE, TRUE, nullptr); }

  GatewayServer& server;
  const uint64_t number;
  const AddressKey address;
  const GObjectPtr<GSocketConnection> tcp;
  ByteGate gate;
  GIOStream* stream = nullptr;  // libsoup's, watched
  Loop::Timer deadline;
  std::unique_ptr<WebSocketPath> path;
  bool meets = false;  // its path leads to another stranger
};

GatewayServer::GatewayServer(Loop& loop, PathNumbers& numbers, SignalEvents& events,
                             const WebBundle& web, const GatewayLimits& limits)
    : loop_(loop),
      numbers_(numbers),
      events_(events),
      web_(web),
      limits_(limits),
      accepts_(limits.accepts_per_second, limits.accept_burst, Loop::now()),
      resume_(loop,
              [this] {
                if (watch_) watch_->set_events(Loop::FdWatch::kReadable);
              }),
      meetings_(limits.meetings) {}

GatewayServer::~GatewayServer() {
  watch_.reset();
  if (fd_ >= 0) ::close(fd_);
  for (auto& [number, connection] : connections_) {
    if (connection->stream)
      g_object_weak_unref(G_OBJECT(connection->stream), on_stream_gone, connection.get());
    connection->path.reset();
    connection->shut();
  }
  if (soup_) soup_server_disconnect(soup_.get());
}

std::optional<std::string> GatewayServer::listen(const Endpoint& where) {
  SWARMCAST_CHECK(fd_ < 0);
  transport::BoundSocket socket(where, SOCK_STREAM);
  if (socket.error() != 0) return why_not_listening(socket.error(), where.port);
  local_ = socket.local();
  fd_ = socket.release();

  soup_.reset(soup_server_new(nullptr, nullptr));
  // Compression lets a small frame grow large, and sealed bytes do not shrink.
  soup_server_remove_websocket_extension(soup_.get(), SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  g_signal_connect(soup_.get(), "request-started", G_CALLBACK(on_request_started), nullptr);
  soup_server_add_handler(soup_.get(), nullptr, on_request, this, nullptr);
  soup_server_add_handler(soup_.get(), kSignalPath, on_request, this, nullptr);
  // Pages of any origin may come here: they bring no cookie and no password of ours that could be
  // misused, and what a signal says is sealed and authenticated under the swarm's secret, which a
  // page without the invite does not have. A page served by another node must be able to ask us.
  soup_server_add_websocket_handler(soup_.get(), kSignalPath, nullptr, nullptr, on_web_socket, this,
                                    nullptr);
  for (const char* where : {"/host", "/meet"}) {
    soup_server_add_handler(soup_.get(), where, on_request, this, nullptr);
    soup_server_add_websocket_handler(soup_.get(), where, nullptr, nullptr, on_web_socket, this,
                                      nullptr);
  }
  watch_ = std::make_unique<Loop::FdWatch>(loop_, fd_, Loop::FdWatch::kReadable,
                                           [this](unsigned) { on_acceptable(); });
  return std::nullopt;
}

void GatewayServer::on_acceptable() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (!accepts_.allow(Loop::now())) {
      return pause_accepting(Duration::seconds(1) / limits_.accepts_per_second);
    }
    sockaddr_storage from;
    socklen_t size = sizeof from;
    const int fd =
        ::accept4(fd_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accept(fd, transport::from_sockaddr(reinterpret_cast<sockaddr*>(&from)));
    } else if (errno == EAGAIN) {
      return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause_accepting(kBreather);
    }
  }
}

void GatewayServer::pause_accepting(Duration time) {
  watch_->set_events(0);
  resume_.set(Loop::now() + time);
}

bool GatewayServer::has_room(const AddressKey& address) const {
  const auto same = std::ranges::count_if(
      connections_, [&](const auto& entry) { return entry.second->address == address; });
  return connections_.size() < limits_.connections &&
         static_cast<size_t>(same) < limits_.connections_per_address;
}

void GatewayServer::accept(int fd, const Endpoint& from) {
  const AddressKey address = key_of(from);
  const GObjectPtr<GSocket> socket(has_room(address) ? g_socket_new_from_fd(fd, nullptr) : nullptr);
  if (!socket) {
    ++counters_.refused;
    ::close(fd);
    return;
  }
  ++counters_.connections;
  const uint64_t number = next_connection_++;
  auto& connection = connections_[number];
  connection = std::make_unique<Connection>(
      *this, number, address,
      GObjectPtr<GSocketConnection>(g_socket_connection_factory_create_connection(socket.get())));
  connection->deadline.set(Loop::now() + limits_.request_time);
  hand_to_soup(*connection);
}

void GatewayServer::hand_to_soup(Connection& connection) {
  const ContextGuard guard(loop_.context());
  const GObjectPtr<GIOStream> stream = connection.gate.take_stream();
  connection.stream = stream.get();
  g_object_weak_ref(G_OBJECT(stream.get()), on_stream_gone, &connection);
  // libsoup wants addresses. It gets none of the stranger's, but something to know him by.
  const GObjectPtr<GInetAddress> nowhere(g_inet_address_new_any(G_SOCKET_FAMILY_IPV4));
  const GObjectPtr<GSocketAddress> local(g_inet_socket_address_new(nowhere.get(), local_.port));
  const GObjectPtr<GSocketAddress> remote(g_inet_socket_address_new(nowhere.get(), 0));
  g_object_set_data(G_OBJECT(remote.get()), kConnectionKey, &connection);
  soup_server_accept_iostream(soup_.get(), stream.get(), local.get(), remote.get(), nullptr);
}

GatewayServer::Connection* GatewayServer::connection_of(SoupServerMessage* message) {
  GSocketAddress* remote = soup_server_message_get_remote_address(message);
  return static_cast<Connection*>(g_object_get_data(G_OBJECT(remote), kConnectionKey));
}

void GatewayServer::on_request_started(SoupServer*, SoupServerMessage* message, gpointer) {
  // For answers that libsoup gives by itself as well.
  set_strict_headers(soup_server_message_get_response_headers(message));
}

void GatewayServer::on_request(SoupServer*, SoupServerMessage* message, const char* path,
                               GHashTable*, gpointer self) {
  // A request for many ranges of a page costs more than it is worth.
  soup_message_headers_remove(soup_server_message_get_request_headers(message), "Range");
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  set_strict_headers(headers);
  const char* method = soup_server_message_get_method(message);
  const bool reads = method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD;
  auto* server = static_cast<GatewayServer*>(self);
  if (const WebFile* file = reads ? find_file(server->web_, path) : nullptr) {
    const int64_t more = static_cast<int64_t>(file->bytes.size() / server->limits_.slowest_reader);
    connection_of(message)->deadline.set(Loop::now() + server->limits_.request_time +
                                         Duration::seconds(more));
    return answer_with_file(message, server->web_, *file);
  }
  if (reads && std::string_view(path) == "/") return answer_with_text_page(message);
  const bool carries_signals = std::string_view(path) == kSignalPath || parse_meeting_path(path);
  if (method != SOUP_METHOD_GET || !carries_signals) return answer_not_found(message);
  // libsoup goes on with the handshake, and refuses what is none; it writes this header itself.
  soup_message_headers_remove(headers, "Connection");
}

void GatewayServer::on_web_socket(SoupServer*, SoupServerMessage* message, const char* path,
                                  SoupWebsocketConnection* socket, gpointer self) {
  auto* server = static_cast<GatewayServer*>(self);
  Connection* connection = connection_of(message);
  connection->deadline.cancel();
  const SignalPathId id = server->numbers_.next();
  connection->path = std::make_unique<WebSocketPath>(
      server->loop_, id, socket, connection->gate, connection->socket(), server->limits_.path,
      server->counters_.path, static_cast<WebSocketPath::Owner&>(*server));
  server->paths_[id] = connection;
  if (const auto place = parse_meeting_path(path)) {
    connection->meets = true;
    return server->enter_meeting(id, *place);
  }
  ++server->counters_.paths;
  server->events_.on_path_up(id, false);
}

// Strangers' affairs, which the session hears nothing of.
void GatewayServer::enter_meeting(SignalPathId path, const MeetingPlace& place) {
  if (!meetings_.enter(path, place)) {
    ++counters_.refused;
    return paths_.at(path)->path->close();
  }
  const auto partner = meetings_.partner(path);
  if (!partner) return;
  ++counters_.meetings;
  paths_.at(path)->deadline.set(Loop::now() + limits_.meetings.together);
}

void GatewayServer::on_stream_gone(gpointer data, GObject*) {
  auto* connection = static_cast<Connection*>(data);
  connection->server.connections_.erase(connection->number);
}

void GatewayServer::on_message(WebSocketPath& path, ByteSpan message) {
  if (!paths_.at(path.id())->meets) return events_.on_signal(path.id(), message);
  // Nobody there yet: whoever asks, asks again.
  if (const auto partner = meetings_.partner(path.id())) paths_.at(*partner)->path->send(message);
}

void GatewayServer::on_closed(WebSocketPath& path) {
  const auto found = paths_.find(path.id());
  const SignalPathId id = path.id();
  Connection* connection = found->second;
  paths_.erase(found);
  // With the last reference to the stream the connection goes, too.
  const std::unique_ptr<WebSocketPath> last = std::move(connection->path);
  if (!connection->meets) return events_.on_path_down(id);
  connection->deadline.cancel();
  if (const auto partner = meetings_.leave(id)) paths_.at(*partner)->path->close();
}

bool GatewayServer::send(SignalPathId path, ByteSpan message) {
  const auto found = paths_.find(path);
  return found != paths_.end() && !found->second->meets && found->second->path->send(message);
}

void GatewayServer::close(SignalPathId path) {
  const auto found = paths_.find(path);
  if (found != paths_.end()) found->second->path->close();
}

}  // namespace swarmcast::rendezvous
