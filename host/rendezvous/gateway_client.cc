#include "host/rendezvous/gateway_client.h"

#include <libsoup/soup.h>

#include <algorithm>
#include <string_view>

#include "host/rendezvous/web_socket_handshake.h"

namespace swarmcast::rendezvous {
namespace {

constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kHttpsPort = 443;

struct UriUnref {
  void operator()(GUri* uri) const { g_uri_unref(uri); }
};
using UriPtr = std::unique_ptr<GUri, UriUnref>;

struct SourceDestroy {
  void operator()(GSource* source) const {
    g_source_destroy(source);
    g_source_unref(source);
  }
};

std::string host_header(const GatewayAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  const bool usual = address.port == (address.secure ? kHttpsPort : kHttpPort);
  return (ipv6 ? "[" + address.host + "]" : address.host) +
         (usual ? "" : ":" + std::to_string(address.port));
}

}  // namespace

std::optional<GatewayAddress> parse_origin(const std::string& origin) {
  const UriPtr uri(g_uri_parse(origin.c_str(), G_URI_FLAGS_NONE, nullptr));
  if (!uri || !g_uri_get_host(uri.get())) return std::nullopt;
  const std::string_view scheme = g_uri_get_scheme(uri.get());
  GatewayAddress out{.host = g_uri_get_host(uri.get()), .secure = scheme == "https"};
  if ((scheme != "http" && scheme != "https") || out.host.empty()) return std::nullopt;
  // They would go into the request's head.
  const auto strange = [](unsigned char c) { return c <= ' ' || c >= 0x7f; };
  if (std::ranges::any_of(out.host, strange)) return std::nullopt;
  const int port = g_uri_get_port(uri.get());
  if (port == 0) return std::nullopt;
  out.port = port > 0 ? static_cast<uint16_t>(port) : out.secure ? kHttpsPort : kHttpPort;
  return out;
}

class GatewayClient::Impl final : public std::enable_shared_from_this<Impl>,
                                  private WebSocketPath::Owner {
 public:
  Impl(Loop& loop, PathNumbers& numbers, SignalEvents& events, const GatewayAddress& address,
       const GatewayClientLimits& limits)
      : loop_(loop),
        numbers_(numbers),
        events_(events),
        address_(address),
        limits_(limits),
        cancellable_(g_cancellable_new()),
        deadline_(loop, [this] { fail("did not answer in time"); }) {}

  ~Impl() override { let_go(); }

  void start();
  void cancel();
  State state() const { return state_; }
  const std::string& error() const { return error_; }
  bool send(ByteSpan message) { return path_ && path_->send(message); }
  std::optional<SignalPathId> path() const {
    return path_ ? std::optional(path_->id()) : std::nullopt;
  }

 private:
  // GLib calls back with a reference to us that may have outlived us.
  using Weak = std::weak_ptr<Impl>;
  Weak* weak() { return new Weak(weak_from_this()); }
  static std::shared_ptr<Impl> take(gpointer weak) {
    const std::unique_ptr<Weak> owned(static_cast<Weak*>(weak));
    return owned->lock();
  }

  static void on_connected(GObject* client, GAsyncResult* result, gpointer weak);
  static void on_written(GObject* stream, GAsyncResult* result, gpointer weak);
  static gboolean on_readable(GObject*, gpointer self);
  void write_request();
  void read_response();
  bool read_more();
  void finish_handshake();

  // WebSocketPath::Owner
  void on_message(WebSocketPath& path, ByteSpan message) override {
    events_.on_signal(path.id(), message);
  }
  void on_closed(WebSocketPath& path) override;

  void fail(const std::string& what);
  void let_go();

  Loop& loop_;
  PathNumbers& numbers_;
  SignalEvents& events_;
  const GatewayAddress address_;
  const GatewayClientLimits limits_;
  State state_ = State::kTrying;
  std::string error_;
  GObjectPtr<GCancellable> cancellable_;
  GObjectPtr<GSocketConnection> connection_;
  WebSocketKey key_;
  std::string request_;
  std::string response_;
  std::unique_ptr<GSource, SourceDestroy> readable_;
  PathCounters counters_;
  std::optional<ByteGate> gate_;
  std::unique_ptr<WebSocketPath> path_;
  Loop::Timer deadline_;
};

void GatewayClient::Impl::start() {
  deadline_.set(Loop::now() + limits_.opening);
  const ContextGuard guard(loop_.context());
  const GObjectPtr<GSocketClient> client(g_socket_client_new());
  // Nobody but the entry is to be asked for anything.
  g_socket_client_set_enable_proxy(client.get(), FALSE);
  g_socket_client_set_tls(client.get(), address_.secure);
  const GObjectPtr<GSocketConnectable> where(
      g_network_address_new(address_.host.c_str(), address_.port));
  g_socket_client_connect_async(client.get(), where.get(), cancellable_.get(), on_connected,
                                weak());
}

void GatewayClient::Impl::on_connected(GObject* client, GAsyncResult* result, gpointer weak) {
  GError* error = nullptr;
  GObjectPtr<GSocketConnection> connection(
      g_socket_client_connect_finish(G_SOCKET_CLIENT(client), result, &error));
  const GErrorPtr owned(error);
  const auto self = take(weak);
  if (!self || self->state_ != State::kTrying) return;
  if (!connection) {
    return self->fail(error->domain == G_TLS_ERROR ? "has no certificate this machine trusts"
                                                   : "cannot be reached");
  }
  self->connection_ = std::move(connection);
  self->write_request();
}

void GatewayClient::Impl::write_request() {
  request_ = web_socket_request(host_header(address_), address_.path, key_);
  g_output_stream_write_all_async(g_io_stream_get_output_stream(G_IO_STREAM(connection_.get())),
                                  request_.data(), request_.size(), G_PRIORITY_DEFAULT,
                                  cancellable_.get(), on_written, weak());
}

void GatewayClient::Impl::on_written(GObject* stream, GAsyncResult* result, gpointer weak) {
  const bool written =
      g_output_stream_write_all_finish(G_OUTPUT_STREAM(stream), result, nullptr, nullptr);
  const auto self = take(weak);
  if (!self || self->state_ != State::kTrying) return;
  if (!written) return self->fail("hung up");
  self->read_response();
}

void GatewayClient::Impl::read_response() {
  auto* input =
      G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(G_IO_STREAM(connection_.get())));
  readable_.reset(g_pollable_input_stream_create_source(input, cancellable_.get()));
  g_source_set_callback(readable_.get(), G_SOURCE_FUNC(on_readable), this, nullptr);
  g_source_attach(readable_.get(), loop_.context());
}

gboolean GatewayClient::Impl::on_readable(GObject*, gpointer self) {
  const auto alive = static_cast<Impl*>(self)->shared_from_this();
  return alive->read_more() ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

// Byte by byte: what follows the head belongs to the WebSocket. False when there is no more to
// read.
bool GatewayClient::Impl::read_more() {
  auto* input =
      G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(G_IO_STREAM(connection_.get())));
  while (!response_.ends_with("\r\n\r\n")) {
    char c = 0;
    GError* error = nullptr;
    const gssize n = g_pollable_input_stream_read_nonblocking(input, &c, 1, nullptr, &error);
    const GErrorPtr owned(error);
    if (n < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) return true;
    if (n <= 0 || response_.size() == limits_.response) {
      fail(n <= 0 ? "hung up" : "is none");
      return false;
    }
    response_ += c;
  }
  finish_handshake();
  return false;
}

void GatewayClient::Impl::finish_handshake() {
  if (!accepts_web_socket(response_, key_)) return fail("is none");
  readable_.reset();
  deadline_.cancel();
  gate_.emplace(G_IO_STREAM(connection_.get()), limits_.path.unread);
  const GObjectPtr<GIOStream> stream = gate_->take_stream();
  const UriPtr uri(g_uri_build(G_URI_FLAGS_NONE, address_.secure ? "wss" : "ws", nullptr,
                               address_.host.c_str(), address_.port, address_.path.c_str(), nullptr,
                               nullptr));
  const ContextGuard guard(loop_.context());
  const GObjectPtr<SoupWebsocketConnection> socket(soup_websocket_connection_new(
      stream.get(), uri.get(), SOUP_WEBSOCKET_CONNECTION_CLIENT, nullptr, nullptr, nullptr));
  path_ = std::make_unique<WebSocketPath>(loop_, numbers_.next(), socket.get(), *gate_,
                                          g_socket_connection_get_socket(connection_.get()),
                                          limits_.path, counters_,
                                          static_cast<WebSocketPath::Owner&>(*this));
  state_ = State::kOpen;
  events_.on_path_up(path_->id(), true);
}

void GatewayClient::Impl::on_closed(WebSocketPath& path) {
  const SignalPathId id = path.id();
  const auto last = std::move(path_);
  state_ = State::kClosed;
  events_.on_path_down(id);
}

void GatewayClient::Impl::fail(const std::string& what) {
  state_ = State::kFailed;
  error_ = "The gateway at " + host_header(address_) + " " + what + ".";
  let_go();
  events_.on_path_failed(error_);
}

void GatewayClient::Impl::cancel() {
  if (state_ == State::kFailed || state_ == State::kClosed) return;
  const auto id = path();
  state_ = State::kClosed;
  let_go();
  if (id) events_.on_path_down(*id);
}

void GatewayClient::Impl::let_go() {
  deadline_.cancel();
  g_cancellable_cancel(cancellable_.get());
  readable_.reset();
  path_.reset();
  connection_.reset();
}

GatewayClient::GatewayClient(Loop& loop, PathNumbers& numbers, SignalEvents& events,
                             const GatewayAddress& address, const GatewayClientLimits& limits)
    : impl_(std::make_shared<Impl>(loop, numbers, events, address, limits)) {
  impl_->start();
}

GatewayClient::~GatewayClient() = default;
GatewayClient::State GatewayClient::state() const { return impl_->state(); }
const std::string& GatewayClient::error() const { return impl_->error(); }
bool GatewayClient::send(ByteSpan message) { return impl_->send(message); }
void GatewayClient::cancel() { impl_->cancel(); }
std::optional<SignalPathId> GatewayClient::path() const { return impl_->path(); }

}  // namespace swarmcast::rendezvous
