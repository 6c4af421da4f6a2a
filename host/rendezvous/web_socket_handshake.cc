#include "host/rendezvous/web_socket_handshake.h"

#include <libsoup/soup.h>

#include <memory>

#include "engine/base/bytes.h"
#include "host/platform/sodium_crypto.h"
#include "host/rendezvous/gobject_ptr.h"

namespace swarmcast::rendezvous {
namespace {

constexpr size_t kKeySize = 16;
constexpr size_t kSha1Size = 20;
constexpr std::string_view kServerGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

using GString8 = std::unique_ptr<char, GFree>;

std::string base64(ByteSpan bytes) {
  return GString8(g_base64_encode(bytes.data(), bytes.size())).get();
}

struct HeadersUnref {
  void operator()(SoupMessageHeaders* headers) const { soup_message_headers_unref(headers); }
};

}  // namespace

WebSocketKey::WebSocketKey() {
  Bytes<kKeySize> bytes;
  platform::system_random(bytes);
  text_ = base64(bytes);
}

std::string WebSocketKey::expected_accept() const {
  const std::string text = text_ + std::string(kServerGuid);
  const std::unique_ptr<GChecksum, void (*)(GChecksum*)> sha1(g_checksum_new(G_CHECKSUM_SHA1),
                                                              g_checksum_free);
  g_checksum_update(sha1.get(), reinterpret_cast<const guchar*>(text.data()),
                    static_cast<gssize>(text.size()));
  Bytes<kSha1Size> digest;
  gsize size = digest.size();
  g_checksum_get_digest(sha1.get(), digest.data(), &size);
  return base64(digest);
}

std::string web_socket_request(const std::string& host, const std::string& path,
                               const WebSocketKey& key) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key.text() +
         "\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

bool accepts_web_socket(const std::string& head, const WebSocketKey& key) {
  if (!head.ends_with("\r\n\r\n") || head.find('\0') != head.npos) return false;
  const std::unique_ptr<SoupMessageHeaders, HeadersUnref> headers(
      soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE));
  SoupHTTPVersion version;
  guint status = 0;
  // It takes the head without the empty line.
  const int size = static_cast<int>(head.size()) - 2;
  if (!soup_headers_parse_response(head.data(), size, headers.get(), &version, &status, nullptr) ||
      status != SOUP_STATUS_SWITCHING_PROTOCOLS) {
    return false;
  }
  const auto contains = [&](const char* name, const char* value) {
    return soup_message_headers_header_contains(headers.get(), name, value);
  };
  const char* accept = soup_message_headers_get_one(headers.get(), "Sec-WebSocket-Accept");
  return contains("Upgrade", "websocket") && contains("Connection", "upgrade") &&
         accept != nullptr && accept == key.expected_accept() &&
         !soup_message_headers_get_list(headers.get(), "Sec-WebSocket-Extensions") &&
         !soup_message_headers_get_list(headers.get(), "Sec-WebSocket-Protocol");
}

}  // namespace swarmcast::rendezvous
