#include <string>

#include "engine/base/check.h"
#include "fuzz/targets.h"
#include "host/rendezvous/gateway_client.h"
#include "host/rendezvous/web_socket_handshake.h"

namespace swarmcast::fuzz {
namespace {

using Text = std::vector<uint8_t>;

// RFC 6455, 1.3.
const rendezvous::WebSocketKey& key() {
  static const rendezvous::WebSocketKey key("dGhlIHNhbXBsZSBub25jZQ==");
  return key;
}

std::string origin_of(const rendezvous::GatewayAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (address.secure ? "https://" : "http://") +
         (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace

const std::vector<Text>& genuine_gateway_texts() {
  static const std::vector<Text> texts = [] {
    const std::string head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        key().expected_accept() + "\r\n";
    std::vector<Text> out;
    for (const std::string& text :
         {head + "\r\n", head + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
          head + "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n folded\r\n\r\n",
          std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
          std::string("https://live.example"), std::string("http://[2001:db8::1]:9000"),
          std::string("http://192.0.2.1:7000")}) {
      out.emplace_back(text.begin(), text.end());
    }
    return out;
  }();
  return texts;
}

void gateway(ByteSpan bytes) {
  const std::string text(bytes.begin(), bytes.end());
  if (rendezvous::accepts_web_socket(text, key())) {
    SWARMCAST_CHECK(text.find(key().expected_accept()) != text.npos);
    SWARMCAST_CHECK(text.find("101") != text.npos && text.ends_with("\r\n\r\n"));
  }
  const auto address = rendezvous::parse_origin(text);
  if (!address) return;
  SWARMCAST_CHECK(address->port != 0 && address->host.find_first_of(" \r\n") == text.npos);
  const auto again = rendezvous::parse_origin(origin_of(*address));
  SWARMCAST_CHECK(again && again->host == address->host && again->port == address->port &&
                  again->secure == address->secure);
}

}  // namespace swarmcast::fuzz
