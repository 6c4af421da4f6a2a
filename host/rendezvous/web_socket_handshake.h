// The client's side of the WebSocket handshake (RFC 6455, 4.1). libsoup's own client would add a
// pool, cookies, a User-Agent, proxies and a stream that cannot be put behind a ByteGate.
#pragma once

#include <string>
#include <string_view>

namespace swarmcast::rendezvous {

// A fresh random Sec-WebSocket-Key.
class WebSocketKey {
 public:
  WebSocketKey();
  // A given one, base64 of 16 bytes: for known answers.
  explicit WebSocketKey(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  // What the server must answer in Sec-WebSocket-Accept.
  std::string expected_accept() const;

 private:
  std::string text_;
};

// The whole request. `host` is as in the Host header.
std::string web_socket_request(const std::string& host, const std::string& path,
                               const WebSocketKey& key);

// True if `head`, which ends with an empty line, switches to WebSocket without any extension.
bool accepts_web_socket(const std::string& head, const WebSocketKey& key);

}  // namespace swarmcast::rendezvous
