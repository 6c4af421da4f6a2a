#include "host/rendezvous/gateway_page.h"

#include <algorithm>
#include <string>

namespace swarmcast::rendezvous {
namespace {

constexpr std::string_view kPage =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>SWARMCAST</title>\n"
    "<h1>A live broadcast</h1>\n"
    "<p>This address leads into a SWARMCAST broadcast: live video that lives only as long as "
    "somebody watches.</p>\n"
    "<p>To watch, open the whole invite, with what stands after the #, in the app:</p>\n"
    "<pre>swarmcast watch 'INVITE'</pre>\n"
    "</html>\n";

struct Header {
  const char* name;
  const char* value;
};
constexpr Header kHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
    {"Connection", "close"},
};

constexpr const char* kForever = "private, max-age=31536000, immutable";
constexpr const char* kAppPermissions =
    "camera=(self), microphone=(self), screen-wake-lock=(self), geolocation=()";

}  // namespace

void set_strict_headers(SoupMessageHeaders* headers) {
  for (const Header& h : kHeaders) soup_message_headers_replace(headers, h.name, h.value);
  soup_message_headers_remove(headers, "Date");  // our clock is nobody's business
}

const WebFile* find_file(const WebBundle& web, std::string_view path) {
  const auto found = std::ranges::find(web.files, path, &WebFile::path);
  return found == web.files.end() ? nullptr : &*found;
}

// What does not change may be kept, so that the next visit is quick: it says no more than that
// somebody has been here, as the browser's history does. The page itself is asked for each time.
void answer_with_file(SoupServerMessage* message, const WebBundle& web, const WebFile& file) {
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_replace(headers, "Content-Security-Policy", std::string(web.policy).c_str());
  soup_message_headers_replace(headers, "Permissions-Policy", kAppPermissions);
  // For https alone, and what serves us over https can add it: over http browsers complain of it.
  soup_message_headers_remove(headers, "Cross-Origin-Opener-Policy");
  if (file.immutable) soup_message_headers_replace(headers, "Cache-Control", kForever);
  // Whoever asks for it uncompressed gets it compressed all the same: every browser reads it.
  if (file.gzip) soup_message_headers_replace(headers, "Content-Encoding", "gzip");
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_set_response(message, std::string(file.type).c_str(), SOUP_MEMORY_STATIC,
                                   file.bytes.data(), file.bytes.size());
}

void answer_with_text_page(SoupServerMessage* message) {
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_set_response(message, "text/html; charset=utf-8", SOUP_MEMORY_STATIC,
                                   kPage.data(), kPage.size());
}

void answer_not_found(SoupServerMessage* message) {
  soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
  soup_message_headers_set_content_length(soup_server_message_get_response_headers(message), 0);
}

}  // namespace swarmcast::rendezvous
