#include "host/rendezvous/web_socket_path.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>

namespace swarmcast::rendezvous {

MessageRate::MessageRate(int per_second, int burst, Instant now)
    : interval_(Duration::seconds(1) / per_second), depth_(interval_ * burst), full_(now) {}

bool MessageRate::allow(Instant now) {
  const Instant full = std::max(full_, now) + interval_;
  if (full - now > depth_) return false;
  full_ = full;
  return true;
}

WebSocketPath::WebSocketPath(Loop& loop, SignalPathId id, SoupWebsocketConnection* connection,
                             ByteGate& gate, GSocket* socket, const PathLimits& limits,
                             PathCounters& counters, Owner& owner)
    : id_(id),
      connection_(share(connection)),
      gate_(gate),
      socket_(socket),
      limits_(limits),
      counters_(counters),
      owner_(owner),
      in_(limits.messages_per_second, limits.burst, Loop::now()),
      out_(limits.messages_per_second, limits.burst, Loop::now()),
      idle_(loop, [this] {
        ++counters_.idle;
        close();
      }) {
  soup_websocket_connection_set_max_incoming_payload_size(connection, kMaxSignalSize);
  g_signal_connect(connection, "message", G_CALLBACK(on_message), this);
  g_signal_connect(connection, "closed", G_CALLBACK(on_closed), this);
  gate_.refill(limits_.unread);
  idle_.set(Loop::now() + limits_.idle);
}

WebSocketPath::~WebSocketPath() {
  g_signal_handlers_disconnect_by_data(connection_.get(), this);
  g_socket_shutdown(socket_, TRUE, TRUE, nullptr);
}

void WebSocketPath::on_message(SoupWebsocketConnection*, gint type, GBytes* bytes, gpointer self) {
  gsize size = 0;
  const auto* data = static_cast<const uint8_t*>(g_bytes_get_data(bytes, &size));
  static_cast<WebSocketPath*>(self)->take(type == SOUP_WEBSOCKET_DATA_BINARY, {data, size});
}

void WebSocketPath::on_closed(SoupWebsocketConnection*, gpointer self) {
  auto* path = static_cast<WebSocketPath*>(self);
  path->idle_.cancel();
  path->owner_.on_closed(*path);
}

void WebSocketPath::take(bool binary, ByteSpan message) {
  if (closing_) return;  // what libsoup had read before
  const Instant now = Loop::now();
  // Not to somebody who does not read: libsoup queues its answers to pings without a limit.
  if (unsent() <= limits_.unsent) gate_.refill(limits_.unread);
  if (!in_.allow(now)) {
    ++counters_.too_fast;
    return close();
  }
  if (!binary || message.empty() || message.size() > kMaxSignalSize) {
    ++counters_.garbage;
    if (++garbage_ >= limits_.garbage) close();
    return;
  }
  idle_.set(now + limits_.idle);
  ++counters_.messages_in;
  owner_.on_message(*this, message);
}

int WebSocketPath::unsent() const {
  int bytes = 0;
  return ioctl(g_socket_get_fd(socket_), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

bool WebSocketPath::send(ByteSpan message) {
  if (closing_ || message.empty() || message.size() > kMaxSignalSize ||
      soup_websocket_connection_get_state(connection_.get()) != SOUP_WEBSOCKET_STATE_OPEN) {
    return false;
  }
  if (!out_.allow(Loop::now())) {
    ++counters_.too_fast;
    return false;
  }
  // libsoup's own queue has no limit: it stays empty as long as the kernel's buffer has room.
  if (unsent() > limits_.unsent) {
    ++counters_.stuck;
    return false;
  }
  ++counters_.messages_out;
  soup_websocket_connection_send_binary(connection_.get(), message.data(), message.size());
  return true;
}

void WebSocketPath::close() {
  closing_ = true;
  idle_.cancel();
  // Without WebSocket's farewell, which would wait for somebody who misbehaves.
  g_socket_shutdown(socket_, TRUE, TRUE, nullptr);
}

}  // namespace swarmcast::rendezvous
